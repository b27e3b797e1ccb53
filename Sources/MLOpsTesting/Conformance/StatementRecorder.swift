package import MLOpsCore

/// A connection that records its statements, for tests of query plans.
package final class StatementRecorder: SQLConnection {
    package static let bookkeepingDefinition = ""
    package static let migrations: [Migration] = []
    private let inner: any SQLConnection
    /// The statements that ran.
    package var statements: [Fragment] = []
    /// The table of each call that inserted rows.
    package var insertedBatches: [String] = []

    package init(_ inner: any SQLConnection) { self.inner = inner }

    package var dialect: any Dialect { inner.dialect }
    package var isUsable: Bool { inner.isUsable }

    package func execute(_ sql: Fragment) throws -> Int {
        statements.append(sql)
        return try inner.execute(sql)
    }

    package func query(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        statements.append(sql)
        try inner.query(sql, body)
    }

    package func stream(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        statements.append(sql)
        try inner.stream(sql, body)
    }

    package func select(_ sql: String, limit: Int) throws -> SQLAnswer {
        try inner.select(sql, limit: limit)
    }

    package func insertRows(
        _ insertion: Insertion, count: Int, row: (Int, inout RowEncoder) throws -> Void
    ) throws {
        insertedBatches.append(insertion.table)
        try inner.insertRows(insertion, count: count, row: row)
    }

    package func runScript(_ sql: String) throws { try inner.runScript(sql) }
    package func pruningTrail<Value>(_ body: () throws -> Value) throws -> Value {
        try inner.pruningTrail(body)
    }
    package func hasTable(_ name: String) throws -> Bool { try inner.hasTable(name) }
    package func catalogue() throws -> Catalogue { try inner.catalogue() }
    package func expectedCatalogue(version: Int) throws -> Catalogue {
        try inner.expectedCatalogue(version: version)
    }
    package func lockSchema() throws { try inner.lockSchema() }
    package func begin(
        _ kind: TransactionKind, in organization: Identifier<Organization>?
    ) throws { try inner.begin(kind, in: organization) }
    package func commit(announcing changes: Changes) throws {
        try inner.commit(announcing: changes)
    }
    package func rollback() throws { try inner.rollback() }
    package func isAlive() -> Bool { inner.isAlive() }
}
