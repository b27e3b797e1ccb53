import ArgumentParser
import MLOpsCore

/// The command `mlops db restore`.
struct RestoreCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the place of the database, which nobody may be using.",
        discussion: """
            The backup is checked first. The file that was there is kept under a name that is \
            printed; remove it when it is no longer needed.

            EXAMPLES:
              mlops db restore copy.db --database mlops.db
              mlops db restore copy.db --artifacts --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The backup.")
    var backup: String

    @Flag(help: "Put the artifacts beside the backup back too.")
    var artifacts = false

    private struct Result: Encodable {
        let database: String
        let backup: String
        let restored: Restoration
    }

    func run() async throws {
        let database = try Database(options)
        let restored = try await StoreError.namingDestination {
            try await database.restore(backup, artifacts: artifacts)
        }
        if options.json {
            try Output.json(
                Result(database: database.name, backup: backup, restored: restored))
        } else {
            Output.line(
                "\(database.name) is restored, at schema version \(restored.schemaVersion)")
            if let replaced = restored.replaced {
                Output.line("the file that was there is now \(replaced)")
            }
            if artifacts { restored.artifacts.write() }
        }
        try restored.artifacts.check()
    }
}
