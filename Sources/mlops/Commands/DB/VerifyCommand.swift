import ArgumentParser
import MLOpsCore

/// The command `mlops db verify`.
struct VerifyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check pages, foreign keys, tables, indexes and triggers; exit 1 on a problem.",
        discussion: "EXAMPLE:\n  mlops db verify --database mlops.db || restore-a-backup")

    @OptionGroup var options: GlobalOptions

    private struct Result: Encodable {
        let database: String
        let schemaVersion: Int
        let isSound: Bool
        let problems: [String]
    }

    func run() async throws {
        let database = try Database(options)
        let report = try await verify(database)
        if options.json {
            try Output.json(
                Result(
                    database: database.name, schemaVersion: report.schemaVersion,
                    isSound: report.isSound, problems: report.problems))
        } else if report.isSound {
            Output.line(
                "\(database.name) is sound, at schema version \(report.schemaVersion)".singleLine)
        } else {
            for problem in report.problems { Output.line(problem.singleLine) }
        }
        guard report.isSound else {
            throw Failure(
                .negative, "\(database.name) has \(Format.count(report.problems.count, "problem"))")
        }
    }

    private func verify(_ database: Database) async throws -> VerificationReport {
        do {
            return try await database.open(for: .inspect) { try await $0.verify() }
        } catch let error as StoreError where error.code == .corrupt {
            // The store's own message would suggest this very command.
            throw Failure(
                .badData,
                "\(database.name) is too damaged to be checked; restore a backup of it")
        }
    }
}
