import ArgumentParser
import MLOpsCore

/// The command `mlops db verify`.
struct VerifyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check pages, foreign keys, tables, indexes and triggers; exit 1 on a problem.",
        discussion: """
            EXAMPLES:
              mlops db verify || mlops db restore copy.db
              mlops db verify --artifacts --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions

    @Flag(help: "Read every recorded artifact too, and compare it with its hash.")
    var artifacts = false

    private struct Result: Encodable {
        let database: String
        let schemaVersion: Int
        let isSound: Bool
        let problems: [String]
        let artifacts: ArtifactReport?
    }

    func run() async throws {
        let database = try Database(options)
        let (report, found) = try await verify(database)
        let isSound = report.isSound && found?.problems.isEmpty != false
        if options.json {
            try Output.json(
                Result(
                    database: database.name, schemaVersion: report.schemaVersion,
                    isSound: isSound, problems: report.problems, artifacts: found))
        } else if report.isSound {
            Output.line(
                "\(database.name) is sound, at schema version \(report.schemaVersion)")
        } else {
            for problem in report.problems { Output.line(problem) }
        }
        if !options.json { found?.write() }
        guard report.isSound else {
            throw Failure(
                .negative, "\(database.name) has \(Format.count(report.problems.count, "problem"))")
        }
        try found?.check()
    }

    private func verify(
        _ database: Database
    ) async throws -> (VerificationReport, ArtifactReport?) {
        do {
            return try await database.open(for: artifacts ? .use : .inspect) { store in
                let report = try await store.verify()
                guard artifacts else { return (report, nil) }
                return try await store.withSystemAccess(reason: "mlops db verify") {
                    (report, try await $0.verifyArtifacts())
                }
            }
        } catch let error as StoreError where error.message.contains("mlops db verify") {
            // The store's own message would suggest this very command.
            throw Failure(
                .badData,
                "\(database.name) is too damaged to be checked; put a backup in its place with "
                    + "`mlops db restore`")
        }
    }
}
