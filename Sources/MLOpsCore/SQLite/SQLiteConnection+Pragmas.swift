/// The pragmas that the library sets and reads.
extension SQLiteConnection {
    /// Sets the persistent settings of a file: page size, vacuum mode and write-ahead log.
    ///
    /// Page size and vacuum mode take effect only before the first table is created.
    ///
    /// - Throws: `.cannotOpen` when the file cannot use a write-ahead log.
    func configureFile(usingLog: Bool = true) throws {
        try runScript(
            """
            PRAGMA page_size = 4096;
            PRAGMA auto_vacuum = INCREMENTAL;
            """)
        guard try !usingLog || lines(ofPragma: "journal_mode = WAL") == ["wal"] else {
            throw StoreError(
                .cannotOpen, "\(path) cannot use a write-ahead log; is it on a network drive?")
        }
    }

    /// Sets the options that every connection needs.
    func configure(_ configuration: SQLiteConfiguration) throws {
        let synchronous = configuration.durability == .full ? "FULL" : "NORMAL"
        // Recursive triggers make INSERT OR REPLACE fire the DELETE trigger that guards the audit
        // trail. Automatic checkpoints are off: the library checkpoints itself (see `SQLiteStore`).
        try runScript(
            """
            PRAGMA foreign_keys = ON;
            PRAGMA recursive_triggers = ON;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA synchronous = \(synchronous);
            PRAGMA cache_size = -\(configuration.cacheSize / 1024);
            PRAGMA secure_delete = FAST;
            PRAGMA journal_size_limit = \(configuration.walBudget);
            """)
    }

    /// Makes the connection read-only.
    func refuseWrites() throws { try runScript("PRAGMA query_only = ON") }

    /// A number that changes with the commits of other connections, not with its own.
    func dataVersion() throws -> Int { try pragma("data_version") }

    /// The page size in bytes: 4096, or that of a file made elsewhere.
    func pageSize() throws -> Int {
        if let knownPageSize { return knownPageSize }
        let size = try pragma("page_size")
        knownPageSize = size
        return size
    }

    /// The integer that a pragma returns.
    func pragma(_ name: String) throws -> Int {
        var value = 0
        try query("PRAGMA \(raw: name)") { row in
            value = try row.next()
            return false
        }
        return value
    }

    /// The lines that a pragma returns.
    func lines(ofPragma name: String) throws -> [String] { try texts("PRAGMA \(raw: name)") }
}
