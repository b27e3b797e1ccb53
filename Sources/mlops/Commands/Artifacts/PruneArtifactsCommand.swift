import ArgumentParser
import MLOpsCore

/// The command `mlops artifacts prune`.
struct PruneArtifactsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove artifact files that no run or model version refers to.",
        discussion: """
            A purge removes rows and leaves their files; this removes the files.

            EXAMPLES:
              mlops artifacts prune --dry-run --database mlops.db
              mlops artifacts prune --older-than 0 --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions

    @Flag(help: "Show what would be removed, without removing it.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "Only files not logged for this many days; with 0, no program may be logging.",
            valueName: "days"))
    var olderThan = 1.0

    private struct Result: Encodable {
        let isDryRun: Bool
        let files: Int
        let bytes: Int64
    }

    func validate() throws {
        guard olderThan >= 0, olderThan.isFinite else {
            throw ValidationError("--older-than takes a number of days, 0 or more.")
        }
    }

    func run() async throws {
        let database = try Database(options)
        let pruning = try await database.open(for: .use) { store in
            try await store.withSystemAccess(reason: "mlops artifacts prune") {
                try await $0.pruneArtifacts(grace: olderThan * 86_400, isDryRun: dryRun)
            }
        }
        let result = Result(isDryRun: dryRun, files: pruning.files, bytes: pruning.bytes)
        if options.json { return try Output.json(result) }
        let files = "\(Format.count(result.files, "file")), \(Format.bytes(Int(result.bytes)))"
        Output.line(dryRun ? "\(files), would be removed" : "removed \(files)")
    }
}
