import Foundation
import MLOpsCore
import MLOpsPostgres

/// The database that a command works on: a file, or a database of a PostgreSQL server.
struct Database {
    /// The path or the URL; a URL may contain a password.
    private let place: String
    private let systemURL: String?
    private let timeout: Duration

    /// The purpose for which a command opens the database.
    enum Purpose {
        /// To read or change rows: the file must exist, with a current schema.
        case use
        /// To inspect or change the schema: the file must exist, its schema may be old.
        case inspect
        /// To create it, and bring its schema up to date.
        case create
    }

    init(_ options: GlobalOptions) throws {
        place = try options.path()
        systemURL = try options.systemURL.map(Self.checkedServer)
        timeout = .milliseconds(Int64(options.timeout * 1000))
    }

    private var isServer: Bool { Self.isServer(place) }

    /// The path, or the URL without password and options.
    var name: String {
        guard isServer else { return place }
        return String(place.prefix { $0 != "?" }).replacing(#/:\/\/([^:@\/]*):[^@\/]*@/#) {
            "://\($0.1)@"
        }
    }

    /// The size of the file, in bytes; `nil` for a database of a server.
    var size: Int? {
        if isServer { return nil }
        // Through links, as the file is opened.
        var status = stat()
        return stat(place, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Whether the file does not exist or is empty.
    var isMissing: Bool { size == 0 }

    /// Opens the database, hands the store to the body, and closes it.
    func open<Value>(
        for purpose: Purpose, _ body: (any Store) async throws -> Value
    ) async throws -> Value {
        guard isServer else { return try await openFile(for: purpose) { try await body($0) } }
        var configuration = PostgresConfiguration()
        configuration.systemURL = systemURL
        configuration.slowStatementThreshold = nil
        configuration.migratesOnOpen = purpose == .create
        configuration.requiresCurrentSchema = purpose != .inspect
        return try await PostgresStore.open(place, configuration: configuration)
            .closing { try await body($0) }
    }

    /// Opens the file, hands the store to the body, and closes it.
    ///
    /// - Parameter instead: What the error suggests for a server's database, which is refused.
    func openFile<Value>(
        for purpose: Purpose, instead: String = "",
        _ body: (SQLiteStore) async throws -> Value
    ) async throws -> Value {
        guard !isServer else {
            throw Failure(.usage, "\(name) is no file but a server's database; use \(instead)")
        }
        if purpose != .create { try checkExists() }
        var configuration = SQLiteConfiguration()
        configuration.busyTimeout = timeout
        configuration.slowStatementThreshold = nil
        configuration.migratesOnOpen = purpose == .create
        configuration.requiresCurrentSchema = purpose != .inspect
        return try await SQLiteStore.openAsAllowed(place, configuration: configuration)
            .closing(after: body)
    }

    /// Puts a backup in the place of the file.
    func restore(_ backup: String, artifacts: Bool) async throws -> Restoration {
        guard !isServer else {
            throw Failure(.usage, "\(name) is no file but a server's database; use pg_restore")
        }
        guard FileManager.default.fileExists(atPath: backup) else {
            throw Failure(.noInput, "\(backup) does not exist")
        }
        return try await Interrupt.holding {
            try await SQLiteStore.restore(backup, to: place, artifacts: artifacts)
        }
    }

    /// Creates the roles of a server's database.
    func setUp(_ roles: PostgresRoles) async throws {
        guard isServer else {
            throw Failure(.usage, "\(name) is a file; only a database of a server has roles")
        }
        try await roles.setUp(place)
    }

    private func checkExists() throws {
        guard FileManager.default.fileExists(atPath: place) else {
            throw Failure(
                .noInput, "\(place) does not exist; `mlops db migrate` or `mlops seed` makes it")
        }
        // SQLite would turn an empty file into a database.
        guard !isMissing else {
            throw Failure(.badData, "\(place) is empty; `mlops db migrate` makes a database of it")
        }
    }
}
