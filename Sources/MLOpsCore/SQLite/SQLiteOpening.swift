import CSQLite
import Foundation

/// Opens the writing connection of a store and brings the schema up to date.
struct SQLiteOpening {
    /// `nil` for a store in memory.
    let file: DatabaseFile?
    let configuration: SQLiteConfiguration
    let interruption: Interruption

    init(
        _ file: DatabaseFile?, _ configuration: SQLiteConfiguration, _ interruption: Interruption
    ) {
        self.file = file
        self.configuration = configuration
        self.interruption = interruption
    }

    /// Opens a connection that only reads.
    func openReader() throws -> sending SQLiteConnection {
        let connection =
            if configuration.mode == .readOnly {
                try SQLiteConnection(
                    reading: path, configuration: configuration, interruption: interruption,
                    file: file)
            } else {
                try SQLiteConnection(
                    path: path, flags: SQLITE_OPEN_READWRITE, configuration: configuration,
                    interruption: interruption, file: file)
            }
        try connection.configure(configuration)
        try connection.refuseWrites()
        return connection
    }

    /// Opens the connection that a store that only reads has in place of a writing one.
    private func openToRead(_ file: DatabaseFile) throws -> sending SQLiteConnection {
        let log = LogBeforeOpening(of: path)
        let connection = try openReader()
        _ = try waiting { try connection.recognise() }
        try connection.checkLog(log)
        var configuration = configuration
        configuration.migratesOnOpen = false
        try Migrator(connection, now: configuration.clock()).prepare(configuration, name: path)
        file.remember()
        try connection.checkItHasTheFile()
        return connection
    }

    func open() throws -> sending SQLiteConnection {
        if configuration.mode == .readOnly, let file { return try openToRead(file) }
        file?.make()
        let log = file.map { LogBeforeOpening(of: $0.path) }
        let connection = try SQLiteConnection(
            path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            configuration: configuration, interruption: interruption, file: file)
        // SQLite opens a file read-only if it may not write: fail here, not at the first insert.
        if sqlite3_db_readonly(connection.handle, "main") == 1 {
            throw StoreError(
                .readOnly,
                "\(path) cannot be written; check its permissions and those of its "
                    + "directory.")
        }
        let byHand = try waiting { try connection.recognise() }
        if let log {
            try connection.checkLog(log)
            let isMigrated = try configuration.migratesOnOpen || !connection.isEmpty()
            // A file that nobody migrates gets no log: without tables, but with the mark of a log,
            // it would look like one whose log was lost. Whoever migrates it now keeps its log.
            if try !isMigrated && connection.hasLogMode() {
                try? connection.runScript("PRAGMA journal_mode = DELETE")
            }
            try waiting { try connection.configureFile(usingLog: isMigrated) }
        }
        try connection.configure(configuration)
        connection.watchLog()
        try migrate(connection, adopting: byHand)
        file?.remember()
        try connection.checkItHasTheFile()
        return connection
    }

    private var path: String { file?.path ?? ":memory:" }

    private func migrate(_ connection: SQLiteConnection, adopting byHand: [Int]) throws {
        let migrator = Migrator(connection, now: configuration.clock())
        if configuration.migratesOnOpen, !byHand.isEmpty {
            try migrator.adopt { try connection.recogniseInTransaction() }
        }
        try migrator.prepare(configuration, name: path)
    }

    /// Repeats a body while another process creates the file.
    ///
    /// SQLite answers "busy" to a change of the journal mode without calling the busy handler.
    ///
    /// - Throws: `.busy` after the busy timeout; what the body throws.
    private func waiting<Value>(_ body: () throws -> Value) throws -> Value {
        let deadline = ContinuousClock.now + configuration.busyTimeout
        while true {
            do {
                return try body()
            } catch let error as StoreError where error.code == .busy {
                guard ContinuousClock.now < deadline else { throw error }
                Thread.sleep(forTimeInterval: .random(in: 0.001...0.01))
            }
        }
    }
}
