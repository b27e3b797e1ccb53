/// What the library sets and asks of SQLite.
extension SQLiteConnection {
    /// Sets what a file keeps: page size and vacuum mode, which take effect only before the first
    /// table, and the write-ahead log.
    ///
    /// - Throws: `.cannotOpen` where there can be no write-ahead log.
    func configureFile() throws {
        try runScript(
            """
            PRAGMA page_size = 4096;
            PRAGMA auto_vacuum = INCREMENTAL;
            """)
        guard try lines(ofPragma: "journal_mode = WAL") == ["wal"] else {
            throw StoreError(
                .cannotOpen, "\(path) cannot use a write-ahead log; is it on a network drive?")
        }
    }

    /// Sets what every connection needs.
    func configure(_ configuration: SQLiteConfiguration) throws {
        let synchronous = configuration.durability == .full ? "FULL" : "NORMAL"
        // Recursive triggers make INSERT OR REPLACE fire the DELETE trigger that guards the audit
        // trail. The library checkpoints by itself (see `SQLiteStore`).
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

    /// Makes the connection one that only reads.
    func refuseWrites() throws { try runScript("PRAGMA query_only = ON") }

    /// A number that changes when another connection has committed, and not with the commits of
    /// this one.
    func dataVersion() throws -> Int { try pragma("data_version") }

    /// Bytes of a page: 4096, or what the file was made with.
    func pageSize() throws -> Int {
        if let knownPageSize { return knownPageSize }
        let size = try pragma("page_size")
        knownPageSize = size
        return size
    }

    /// The integer that a pragma answers.
    func pragma(_ name: String) throws -> Int {
        var value = 0
        try query("PRAGMA \(raw: name)") { row in
            value = try row.next()
            return false
        }
        return value
    }

    /// The lines that a pragma answers.
    func lines(ofPragma name: String) throws -> [String] { try texts("PRAGMA \(raw: name)") }
}
