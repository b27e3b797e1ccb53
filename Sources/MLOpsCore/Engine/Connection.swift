/// One connection to a database: everything that the engine needs from a backend.
///
/// One thread uses it at a time. Every error of the database is thrown as a ``StoreError``.
package protocol SQLConnection: AnyObject, SendableMetatype {
    var dialect: any Dialect { get }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: Fragment) throws -> Int

    /// Passes each row to the body, which reads the columns in order and returns `false` to stop.
    func query(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws

    /// Passes each row to the body in bounded memory, however long the result is.
    func stream(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws

    /// Runs one statement of a person that reads, whatever its columns are.
    ///
    /// - Throws: `.invalidValue` for one that is wrong, does not read, or is not alone.
    func select(_ sql: String, limit: Int) throws -> SQLAnswer

    /// Inserts many rows in the backend's fastest way; `row(n, &encoder)` encodes row `n`.
    func insertRows(
        _ insertion: Insertion, count: Int, row: (Int, inout RowEncoder) throws -> Void) throws

    /// Runs the statements of a migration.
    func runScript(_ sql: String) throws

    /// Runs a body that may delete entries of the audit trail, which triggers otherwise refuse.
    ///
    /// Other connections cannot delete entries meanwhile. If the body throws, the caller has to
    /// roll the transaction back.
    ///
    /// - Throws: `.permissionDenied` when the role may not do this; what the body throws.
    func pruningTrail<Value>(_ body: () throws -> Value) throws -> Value

    /// The migrations of the backend, in version order.
    static var migrations: [Migration] { get }

    /// Completes a migration in its own transaction, after its script.
    func finishMigration() throws

    /// The catalogue that the migrations up to a version produce.
    func expectedCatalogue(version: Int) throws -> Catalogue

    /// The problems in the stored rows, one sentence each.
    func damage() throws -> [String]

    /// The statement that creates `schema_migrations` if it does not exist.
    static var bookkeepingDefinition: String { get }

    func hasTable(_ name: String) throws -> Bool

    /// The definitions of the live database, without that of `schema_migrations`.
    func catalogue() throws -> Catalogue

    /// Keeps other programs from migrating until the transaction ends.
    func lockSchema() throws

    /// Begins a transaction in one organization, or in all of them (`nil`).
    func begin(_ kind: TransactionKind, in organization: Identifier<Organization>?) throws
    /// Commits the transaction.
    ///
    /// - Parameter changes: What is announced to other programs, if the backend can do that.
    func commit(announcing changes: Changes) throws
    /// Ends the open transaction, if any, and discards its changes, even after an interruption.
    func rollback() throws

    /// Waits for the answer that the last transaction did not wait for.
    func awaitPendingAnswer()

    /// Whether the connection can run another transaction.
    var isUsable: Bool { get }

    /// Whether the database still answers a request.
    func isAlive() -> Bool
}

extension SQLConnection {
    package func commit() throws { try commit(announcing: Changes()) }
    package func awaitPendingAnswer() {}
    package func finishMigration() throws {}
    package func damage() throws -> [String] { [] }
}

/// The table and the columns that rows are inserted into.
package struct Insertion: Sendable {
    package let table: String
    package let columns: [String]
    /// The names of the columns, separated by commas.
    package let list: String
    /// The statement that inserts one row, with a question mark for each value.
    package let statement: String

    package init(into table: String, columns: [String]) {
        self.table = table
        self.columns = columns
        list = columns.joined(separator: ", ")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        statement = "INSERT INTO \(table) (\(list)) VALUES (\(marks))"
    }
}

/// Whether a transaction may write.
package enum TransactionKind: Sendable, Hashable { case read, write }
