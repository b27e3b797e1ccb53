import CSQLite
import Foundation

/// One connection to a SQLite file.
final class SQLiteConnection: SQLConnection {
    let handle: OpaquePointer
    let path: String
    /// The file, if it is that of a store.
    private let file: DatabaseFile?
    let interruption: Interruption
    let dialect: any Dialect = SQLiteDialect()

    private var statements = StatementCache()
    private let slowStatements: SlowStatementLog?
    private let busyWait: BusyWait
    private var companion: SQLiteConnection?
    /// The state of this connection's checkpoints.
    var checkpoints = Checkpoints()
    /// See ``pageSize()``; it never changes in WAL mode.
    var knownPageSize: Int?
    /// The extended code of the last step that failed; SQLite keeps only that of the last call.
    private var lastFailure = SQLITE_OK
    /// Pages in the WAL after the last commit of this connection, kept by `sqlite3_wal_hook`.
    private let walPages = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    /// Turns SQLite's memory statistics off for the whole process.
    ///
    /// With statistics, every allocation and release of every connection takes one global lock.
    ///
    /// "This setting causes the sqlite3_status() interfaces that track memory usage to be disabled.
    /// This helps the sqlite3_malloc() routines run much faster" (sqlite.org/compile.html). If the
    /// program has already initialized SQLite, the call is refused and the program's own setting
    /// stays.
    private static let withoutStatistics: Void = csqlite_disable_memory_statistics()

    /// How the file is read by a connection that never writes it.
    let reading: ReadOnlyFile?

    /// Opens a connection.
    ///
    /// - Parameter reading: How to open a file that is only read; it adds its own flags.
    /// - Throws: `.cannotOpen`, `.readOnly`, `.notADatabase`.
    init(
        path: String, flags: Int32, configuration: SQLiteConfiguration, interruption: Interruption,
        file: DatabaseFile? = nil, reading: ReadOnlyFile? = nil
    ) throws {
        self.path = path
        self.file = file
        self.reading = reading
        self.interruption = interruption
        _ = Self.withoutStatistics
        slowStatements = SlowStatementLog(
            threshold: configuration.slowStatementThreshold, logger: configuration.logger)
        busyWait = BusyWait(limit: configuration.busyTimeout, interruption)
        walPages.initialize(to: 0)
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            reading?.name ?? path, &opened, flags | (reading?.flags ?? 0) | SQLITE_OPEN_NOMUTEX,
            nil)
        guard code == SQLITE_OK, let opened else {
            let extended = sqlite3_extended_errcode(opened)
            let text = String(cString: sqlite3_errstr(code))
            sqlite3_close(opened)
            throw Self.error(code: code, extended: extended, text: text, path: path)
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        busyWait.install(on: handle)
        // A double-quoted name that does not exist is an error, not a string.
        csqlite_enable(handle, SQLITE_DBCONFIG_DQS_DML, 0)
        csqlite_enable(handle, SQLITE_DBCONFIG_DQS_DDL, 0)
        csqlite_enable(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        try addJSONFunctions()
        if let reading { try reading.prepare(self) }
        let address = UInt(bitPattern: handle)
        interruption.setInterrupt {
            if let handle = OpaquePointer(bitPattern: address) { sqlite3_interrupt(handle) }
        }
    }

    deinit {
        interruption.setInterrupt(nil)
        statements.removeAll()
        assert(openStatements.isEmpty, "These statements leak: \(openStatements)")
        // The last connection to close copies the log and removes it by its name.
        if file?.hasOwnLog == false { csqlite_enable(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1) }
        sqlite3_close_v2(handle)
        walPages.deallocate()
    }

    // MARK: Statements

    /// The texts of the statements that are prepared and not finalized.
    var openStatements: [String] {
        var texts: [String] = []
        var next = sqlite3_next_stmt(handle, nil)
        while let statement = next {
            texts.append(sqlite3_sql(statement).map { String(cString: $0) } ?? "")
            next = sqlite3_next_stmt(handle, statement)
        }
        return texts
    }

    /// Takes a statement from the cache, or prepares it.
    ///
    /// A nested use of the same text gets a statement of its own.
    private func take(_ sql: String) throws -> SQLiteStatement {
        if let cached = statements.take(sql) { return cached }
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(
            handle, sql, Int32(sql.utf8.count), UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK else { throw error(code) }
        guard let prepared else { throw StoreError(.database, "A statement is empty.") }
        let statement = SQLiteStatement(handle: prepared, sql: sql)
        statements.keep(statement)
        return statement
    }

    private func giveBack(_ statement: SQLiteStatement) {
        statement.reset()
        slowStatements?.report(
            statement.sql, statement.nanoseconds, rows: statement.rows,
            plan: plan(of: statement.sql))
        statement.nanoseconds = 0
        statement.rows = 0
        statements.giveBack(statement)
    }

    /// The error of a failed step; the statement is marked, so that it is not used again.
    private func failure(of statement: SQLiteStatement, _ code: Int32) -> any Error {
        statement.hasFailed = true
        lastFailure = sqlite3_extended_errcode(handle)
        return error(code)
    }

    /// Binds the values, except texts and ids that equal those bound for the previous row.
    private func bind(
        _ values: [StoredValue], to statement: SQLiteStatement, over bound: [StoredValue] = []
    ) throws {
        for (index, value) in values.enumerated() {
            if index < bound.count, value.isSameText(as: bound[index]) { continue }
            let code = try statement.bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    /// Runs a statement to its next row or its end; only the time inside SQLite is counted.
    private func step(_ statement: SQLiteStatement) -> Int32 {
        timing(statement) { sqlite3_step(statement.handle) }
    }

    /// Adds the time of a body to the statement's time.
    private func timing<Value>(
        _ statement: SQLiteStatement, _ body: () throws -> Value
    ) rethrows -> Value {
        guard let slowStatements else { return try body() }
        let start = slowStatements.now()
        defer { statement.nanoseconds += slowStatements.now() - start }
        return try body()
    }

    /// Runs a prepared statement.
    private func withStatement<Value>(
        _ sql: Fragment, _ body: (SQLiteStatement) throws -> Value
    ) throws -> Value {
        try interruption.check()
        // So that it tells the cause of an error; see `error(_:)`.
        errno = 0
        let statement = try take(try sql.text())
        defer { giveBack(statement) }
        try bind(sql.values, to: statement)
        return try body(statement)
    }

    /// The query plan, one step a line.
    func plan(of sql: String) -> [String] {
        var prepared: OpaquePointer?
        guard
            sqlite3_prepare_v2(handle, "EXPLAIN QUERY PLAN " + sql, -1, &prepared, nil) == SQLITE_OK
        else { return [] }
        defer { sqlite3_finalize(prepared) }
        var steps: [String] = []
        while sqlite3_step(prepared) == SQLITE_ROW {
            if let text = sqlite3_column_text(prepared, 3) { steps.append(String(cString: text)) }
        }
        return steps
    }

    @discardableResult
    func execute(_ sql: Fragment) throws -> Int {
        try withStatement(sql) { statement in
            var code = step(statement)
            while code == SQLITE_ROW { code = step(statement) }
            guard code == SQLITE_DONE else { throw failure(of: statement, code) }
            if sqlite3_stmt_readonly(statement.handle) == 0 {
                statement.rows = Int(sqlite3_changes64(handle))
            }
            return statement.rows
        }
    }

    func query(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        try withStatement(sql) { statement in
            var row = RowDecoder(SQLiteRow(statement: statement.handle))
            while true {
                let code = step(statement)
                if code == SQLITE_DONE { return }
                guard code == SQLITE_ROW else { throw failure(of: statement, code) }
                row.position = 0
                statement.rows += 1
                guard try body(&row) else { return }
            }
        }
    }

    /// Every query of SQLite reads its result row by row already.
    func stream(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        try query(sql, body)
    }

    func insertRows(
        _ insertion: Insertion, count: Int, row: (Int, inout RowEncoder) throws -> Void
    ) throws {
        let statement = try take(insertion.statement)
        defer { giveBack(statement) }
        statement.rows = count
        var encoder = RowEncoder(capacity: insertion.columns.count)
        var bound: [StoredValue] = []
        // Timed as a whole: reading the clock twice for each row would add a thirtieth to its time.
        try timing(statement) {
            for index in 0..<count {
                if index % 1024 == 0 { try interruption.check() }
                encoder.values.removeAll(keepingCapacity: true)
                try row(index, &encoder)
                try bind(encoder.values, to: statement, over: bound)
                swap(&bound, &encoder.values)
                let code = sqlite3_step(statement.handle)
                guard code == SQLITE_DONE else { throw failure(of: statement, code) }
                sqlite3_reset(statement.handle)
            }
        }
    }

    func runScript(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    // MARK: Transactions

    func begin(_ kind: TransactionKind, in organization: Identifier<Organization>?) throws {
        switch kind {
        case .write:
            try checkWritable()
            try execute("BEGIN IMMEDIATE")
        case .read:
            try execute("BEGIN DEFERRED")
            // SQLite takes the snapshot at the first read: read now, so that it dates from this
            // call.
            do {
                try query("SELECT 1 FROM sqlite_schema LIMIT 1") { _ in false }
            } catch {
                try? rollback()
                throw error
            }
        }
    }

    /// Does nothing: `BEGIN IMMEDIATE` already holds the write lock.
    func lockSchema() {}

    /// A file that is read without locks is opened again once it has changed.
    var isUsable: Bool { reading?.hasChanged != true }
    func isAlive() -> Bool { true }

    /// Announces nothing: other programs poll ``dataVersion()``.
    func commit(announcing changes: Changes) throws {
        if sqlite3_txn_state(handle, "main") == SQLITE_TXN_WRITE { try file?.check() }
        try checkUnchanged()
        lastFailure = SQLITE_OK
        do {
            try execute("COMMIT")
        } catch let error as StoreError
            where error.code == .inputOutput
            || lastFailure == csqlite_ioerr_fsync
        {
            // The pages may be in the log although they could not be synced; after a crash they
            // would be recovered.
            throw StoreError(
                .commitUnknown,
                "The commit could not be brought to the disk; look whether its rows are there "
                    + "before you repeat it. \(error.message)")
        }
    }

    /// Rolls back, unless SQLite has done so already (a full disk, an I/O error).
    func rollback() throws {
        guard sqlite3_get_autocommit(handle) == 0 else { return }
        try interruption.shielded { try runScript("ROLLBACK") }
    }

    /// Runs a body that waits for a lock no longer than `limit`.
    func waiting<Value>(atMost limit: Duration, _ body: () throws -> Value) rethrows -> Value {
        let usual = busyWait.limit
        busyWait.limit = min(limit, usual)
        defer { busyWait.limit = usual }
        return try body()
    }

    /// - Throws: `.fileMoved` when another file took the name between opening the file and
    ///   locking it, as when a backup is restored.
    func checkItHasTheFile() throws {
        var hasMoved: Int32 = 0
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        guard hasMoved == 0 else {
            throw StoreError(
                .fileMoved, "\(path) was replaced while it was being opened; open it again.")
        }
    }

    // MARK: The write-ahead log

    /// Starts to count the pages in the WAL; ``pagesInLog`` returns the count.
    func watchLog() {
        sqlite3_wal_hook(
            handle,
            { counter, _, _, pages in
                counter?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            }, walPages)
    }

    var pagesInLog: Int { Int(walPages.pointee) }

    /// The connection that checkpoints while this one holds the write lock.
    func checkpointer(_ configuration: SQLiteConfiguration) throws -> SQLiteConnection {
        if let companion { return companion }
        let connection = try SQLiteConnection(
            path: path, flags: SQLITE_OPEN_READWRITE, configuration: configuration,
            interruption: Interruption(), file: file)
        try connection.configure(configuration)
        companion = connection
        return connection
    }

    /// Copies the WAL into a file that has lost its name, so that it holds what was acknowledged.
    ///
    /// A full checkpoint keeps other writers out, and needs no second connection, which would be
    /// opened by the name.
    func checkpointBeforeClosing() {
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_FULL, nil, nil)
    }

    /// Empties the WAL, after its last pages were copied; writers wait meanwhile.
    ///
    /// - Returns: Whether it is empty; a reader of an older state keeps it.
    func truncateLog() throws -> Bool {
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw error(code) }
        return code == SQLITE_OK
    }

    /// Copies the pages of the WAL into the database, as far as readers allow.
    ///
    /// - Returns: Whether every page was copied, so that the next writer restarts the WAL.
    func checkpoint() throws -> Bool {
        var inLog: Int32 = 0
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            handle, nil, SQLITE_CHECKPOINT_PASSIVE, &inLog, &copied)
        guard code == SQLITE_OK else { throw error(code) }
        return inLog == copied
    }
}

extension StoredValue {
    /// Whether both are the same id, or texts with the same bytes.
    fileprivate func isSameText(as other: StoredValue) -> Bool {
        switch (self, other) {
        case (.uuid(let left), .uuid(let right)): left.words == right.words
        case (.text(let left), .text(let right)): left.orderOfBytes(against: right) == 0
        default: false
        }
    }
}
