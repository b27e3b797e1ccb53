import ArgumentParser
import MLOpsCore

/// The command `mlops db migrate`.
struct MigrateCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the schema up to date; create the file if it does not exist.",
        discussion: "EXAMPLE:\n  mlops db migrate --database mlops.db")

    @OptionGroup var options: GlobalOptions

    private struct Result: Encodable {
        let database: String
        let applied: [MigrationStatus]
        let version: Int
    }

    func run() async throws {
        let database = try Database(options)
        var before: Set<Int> = []
        if !database.isMissing {
            before = try await database.open(for: .inspect) { store in
                Set(try await store.migrationStatus().filter(\.isApplied).map(\.version))
            }
        }
        let after = try await database.open(for: .create) { try await $0.migrationStatus() }
        let applied = after.filter { $0.isApplied && !before.contains($0.version) }
        let version = after.schemaVersion
        if options.json {
            return try Output.json(
                Result(database: database.name, applied: applied, version: version))
        }
        for migration in applied {
            Output.line("applied \(migration.version) \(migration.name)")
        }
        Output.line("\(database.name) is at schema version \(version)")
    }
}

extension MigrationStatus {
    /// Whether it is applied.
    var isApplied: Bool { appliedAt != nil }
}

extension [MigrationStatus] {
    /// The version of the last applied migration; 0 without any.
    var schemaVersion: Int { last(where: \.isApplied)?.version ?? 0 }
}
