import ArgumentParser
import MLOpsCore

/// The command `mlops db rollback`.
struct RollbackCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Revert migrations; their tables and rows are lost.",
        discussion: """
            Reverting a migration drops the tables that it has created. Their rows cannot be \
            restored: make a backup first. If there are such rows, confirm with --yes.

            EXAMPLE:
              mlops db backup before.db && mlops db rollback --to 3 --yes
            """)

    @OptionGroup var options: GlobalOptions

    @Option(help: "The schema version to go back to; 0 removes every table.")
    var to: Int

    @Flag(help: "Confirm that the rows of the tables are lost.")
    var yes = false

    private struct Result: Encodable {
        let database: String
        let takenBack: [Int]
        let version: Int
    }

    func run() async throws {
        let database = try Database(options)
        let (target, isConfirmed) = (to, yes)
        let (done, version) = try await database.open(for: .inspect) { store in
            if !isConfirmed { try await RollbackLoss.check(store, to: target) }
            let done = try await store.revertMigrations(to: target)
            return (done, try await store.migrationStatus().schemaVersion)
        }
        if options.json {
            return try Output.json(
                Result(database: database.name, takenBack: done, version: version))
        }
        for migration in done { Output.line("took back \(migration)") }
        Output.line("\(database.name) is at schema version \(version)")
    }
}
