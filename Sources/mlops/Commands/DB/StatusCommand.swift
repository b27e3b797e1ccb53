import ArgumentParser
import MLOpsCore

/// The command `mlops db status`.
struct StatusCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show which migrations are applied.",
        discussion: "EXAMPLE:\n  mlops db status --database mlops.db --json")

    @OptionGroup var options: GlobalOptions

    private struct Result: Encodable {
        let database: String
        let sizeBytes: Int?
        let version: Int
        let latestVersion: Int
        let migrations: [MigrationStatus]
        let log: LogStatus?
    }

    func run() async throws {
        let database = try Database(options)
        let (migrations, log) = try await database.open(for: .inspect) { store in
            // The log status is left out while another process writes: the command must not fail
            // then.
            (try await store.migrationStatus(), try? await (store as? SQLiteStore)?.logStatus())
        }
        let latest = migrations.last?.version ?? 0
        if options.json {
            return try Output.json(
                Result(
                    database: database.name, sizeBytes: database.size,
                    version: migrations.schemaVersion, latestVersion: latest,
                    migrations: migrations, log: log))
        }
        var table = TextTable([
            TextTable.Column("VERSION", isRight: true), TextTable.Column("NAME", minimum: 8),
            TextTable.Column("APPLIED"), TextTable.Column("LIBRARY", dropOrder: 1),
        ])
        for migration in migrations {
            table.add([
                String(migration.version), migration.name,
                migration.isApplied ? Format.time(migration.appliedAt) : "pending",
                migration.libraryVersion ?? Format.none,
            ])
        }
        table.write()
        Output.line(
            "schema version \(migrations.schemaVersion) of \(latest)"
                + (database.size.map { ", \(Format.bytes($0))" } ?? ""))
        if let log, log.isHeld {
            Output.line("write-ahead log \(Format.bytes(log.bytes)), held by a reader")
        }
    }
}
