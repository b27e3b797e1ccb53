import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsPostgres
import Synchronization

/// The command `mlops db copy`.
struct CopyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy every row to another store: from SQLite to PostgreSQL, or back.",
        discussion: """
            Ids, times, revisions, deleted rows and the audit trail stay as they are. No program \
            may write to either store meanwhile. An interrupted copy continues when it is \
            started again. At the end both stores are read again, and the digests of their tables \
            are compared. Artifacts are files and are not part of the copy.

            For PostgreSQL, give the URL of a role that may cross organizations (BYPASSRLS or a \
            superuser). The target's schema is created if the role may do that; set up the roles \
            of a production database first.

            EXAMPLE:
              mlops db copy --from mlops.db \\
                --to postgresql://mlops_system@db.example.com/mlops
            """)

    @OptionGroup var options: GlobalOptions

    @Option(
        help: ArgumentHelp("The store to read (default: the database).", valueName: "path or URL"))
    var from: String?

    @Option(help: ArgumentHelp("The store to fill.", valueName: "path or URL"))
    var to: String

    func run() async throws {
        let from = try from.map(Database.checked) ?? options.path()
        let to = try Database.checked(to)
        guard Database.isServer(from) || FileManager.default.fileExists(atPath: from) else {
            throw Failure(.noInput, "\(from) does not exist")
        }
        guard !Self.isSame(from, to) else {
            throw Failure(.usage, "a store cannot be copied to itself; name another with --to")
        }
        let digests = try await Self.with(from, migrating: false) { source in
            try await Self.with(to, migrating: true) { target in
                try await Self.copy(source, target)
            }
        }
        if options.json { return try Output.json(digests) }
        for table in digests {
            Output.line("\(table.digest)  \(table.table), \(table.rows) rows")
        }
    }

    /// Whether two places are the same URL, or paths of the same file.
    ///
    /// Two different URLs of one database are not recognized.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        if one == other { return true }
        guard !Database.isServer(one), !Database.isServer(other) else { return false }
        var (first, second) = (stat(), stat())
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static func copy(
        _ source: any Store, _ target: any Store
    ) async throws -> [StoreCopy.TableDigest] {
        let bars = Bars()
        defer { bars.finish() }
        return try await StoreCopy(from: source, to: target).run { bars.show($0) }
    }

    private static func with<Value>(
        _ place: String, migrating: Bool, _ body: (any Store) async throws -> Value
    ) async throws -> Value {
        if Database.isServer(place) {
            var configuration = PostgresConfiguration()
            configuration.migratesOnOpen = migrating
            configuration.slowStatementThreshold = nil
            return try await PostgresStore.open(place, configuration: configuration)
                .closing(after: body)
        }
        var configuration = SQLiteConfiguration()
        configuration.migratesOnOpen = migrating
        configuration.slowStatementThreshold = nil
        return try await SQLiteStore.openAsAllowed(place, configuration: configuration)
            .closing(after: body)
    }
}

/// A bar for each table, one after another.
private final class Bars: Sendable {
    private let current = Mutex<(table: String, bar: Progress)?>(nil)

    func show(_ progress: StoreCopy.Progress) {
        current.withLock { current in
            if current?.table != progress.table {
                current?.bar.finish()
                current = (progress.table, Progress(progress.table))
            }
            current?.bar.update(progress.done, of: progress.total)
        }
    }

    func finish() { current.withLock { $0?.bar.finish() } }
}
