import CSQLite
import SQLiteSchema

extension SQLiteConnection {
    static let bookkeepingDefinition = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version         INTEGER NOT NULL PRIMARY KEY,
            name            TEXT    NOT NULL,
            checksum        TEXT    NOT NULL,
            library_version TEXT    NOT NULL,
            applied_at      INTEGER NOT NULL
        ) STRICT
        """

    /// The migrations of `Schema/SQLite`.
    static let migrations: [Migration] = SQLiteSchema.migrations.map {
        Migration(
            version: $0.version, name: $0.name,
            up: String(decoding: $0.up, as: UTF8.self),
            down: String(decoding: $0.down, as: UTF8.self))
    }

    func hasTable(_ name: String) throws -> Bool {
        var found = false
        try query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = \(name)") { _ in
            found = true
            return false
        }
        return found
    }

    /// Drops the trigger that guards the trail, runs the body and recreates the trigger.
    ///
    /// All of it happens in the transaction that holds the write lock, so that no other connection
    /// ever sees the table without the trigger.
    func pruningTrail<Value>(_ body: () throws -> Value) throws -> Value {
        let name = "audit_logs_no_delete"
        let definition = try texts(
            "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = \(name)"
        ).first
        guard let definition else {
            throw StoreError(
                .corrupt,
                "The trigger \(name) is missing, so that anybody could shorten the audit trail; "
                    + "see what `mlops db verify` finds.")
        }
        try runScript("DROP TRIGGER \(name)")
        let value = try body()
        try runScript(definition)
        return value
    }

    /// White space is normalized, because a tool may have stored the texts with other line ends.
    func catalogue() throws -> Catalogue {
        var definitions: [String: String] = [:]
        try query(
            """
            SELECT type, name, coalesce(sql, '') FROM sqlite_schema \
            WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name <> 'schema_migrations'
            """
        ) { row in
            let type: String = try row.next()
            let name: String = try row.next()
            let text: String = try row.next()
            definitions["\(type) \(name)"] = text.split(whereSeparator: \.isWhitespace)
                .joined(separator: " ")
            return true
        }
        return Catalogue(definitions)
    }

    func expectedCatalogue(version: Int) throws -> Catalogue {
        let connection = try SQLiteConnection(
            path: ":memory:", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            configuration: SQLiteConfiguration(), interruption: Interruption())
        for migration in Self.migrations where migration.version <= version {
            try connection.runScript(migration.up)
        }
        return try connection.catalogue()
    }

    func damage() throws -> [String] {
        var problems = try lines(ofPragma: "integrity_check(20)").filter { $0 != "ok" }
        try query("PRAGMA foreign_key_check") { row in
            let table: String = try row.next()
            _ = try row.next(Int?.self)
            problems.append("\(table) has a row whose \(try row.next(String.self)) is missing")
            return problems.count < 100
        }
        return problems
    }

    /// Checks that the database belongs to this library, before anything is written.
    ///
    /// It reads one snapshot, so that concurrent changes of other processes do not matter.
    ///
    /// - Returns: The migrations that were applied by hand, to be recorded.
    /// - Throws: `.notADatabase` for a file that is not a database, or has other tables.
    func recognise() throws -> [Int] {
        try begin(.read, in: nil)
        defer { try? rollback() }
        return try recogniseInTransaction()
    }

    /// Does the same inside the caller's transaction, which may hold the write lock.
    func recogniseInTransaction() throws -> [Int] {
        if try hasTable("schema_migrations") {
            // Other programs may have a table of this name too.
            guard try columns(of: "schema_migrations") == Self.bookkeepingColumns else {
                throw foreign
            }
            return []
        }
        let catalogue = try catalogue()
        if catalogue.definitions.isEmpty { return [] }
        for version in 1...Self.migrations.count
        where try catalogue == expectedCatalogue(version: version) {
            return Array(1...version)
        }
        throw foreign
    }

    private static let bookkeepingColumns = [
        "version", "name", "checksum", "library_version", "applied_at",
    ]

    private func columns(of table: String) throws -> [String] {
        try texts("SELECT name FROM pragma_table_info(\(table)) ORDER BY cid")
    }

    private var foreign: StoreError {
        StoreError(
            .notADatabase,
            "\(path) is a SQLite database of another program; choose another file.")
    }

    func texts(_ sql: Fragment) throws -> [String] {
        var texts: [String] = []
        try query(sql) { row in
            texts.append(try row.next())
            return true
        }
        return texts
    }
}
