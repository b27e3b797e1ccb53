/// One connection to a database: the whole of what a backend has to do for the engine.
///
/// It is used by one thread at a time, and every error it throws is a ``StoreError``.
package protocol SQLConnection: AnyObject, SendableMetatype {
    var dialect: any Dialect { get }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: Fragment) throws -> Int

    /// Hands each row to the body, which reads it from its first column on and returns `false` to
    /// stop.
    func query(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws

    /// Hands each row of a result of any length to the body, in bounded memory.
    func stream(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws

    /// Inserts many rows by the fastest way of the backend. `row(n, &encoder)` writes row `n`.
    func insertRows(
        _ insertion: Insertion, count: Int, row: (Int, inout RowEncoder) throws -> Void) throws

    /// Runs the statements of a migration.
    func runScript(_ sql: String) throws

    /// Runs a body that may delete entries of the audit trail, which triggers refuse otherwise.
    ///
    /// Nobody else can delete any meanwhile. When it throws, the transaction has to be rolled back.
    ///
    /// - Throws: `.permissionDenied` when the role may not; what the body throws.
    func pruningTrail<Value>(_ body: () throws -> Value) throws -> Value

    /// The migrations of the backend, in the order of their versions.
    static var migrations: [Migration] { get }

    /// Completes a migration in its own transaction, after its script.
    func finishMigration() throws

    /// What the migrations up to a version produce.
    func expectedCatalogue(version: Int) throws -> Catalogue

    /// What is wrong with the stored rows themselves, a sentence each.
    func damage() throws -> [String]

    /// The statement that makes `schema_migrations` if it does not exist.
    static var bookkeepingDefinition: String { get }

    func hasTable(_ name: String) throws -> Bool

    /// The definitions of the live database, without those of the bookkeeping.
    func catalogue() throws -> Catalogue

    /// Keeps other programs from migrating until the transaction ends.
    func lockSchema() throws

    /// Begins a transaction that acts in one organization, or in all.
    func begin(_ kind: TransactionKind, in organization: Identifier<Organization>?) throws
    /// - Parameter changes: What other programs are told of, where the backend can tell them.
    func commit(announcing changes: Changes) throws
    /// Ends the transaction, if one is open, whatever asks the work to stop.
    func rollback() throws

    /// Waits for what the last transaction has left under way.
    func awaitPendingAnswer()

    /// Whether the connection can run another transaction.
    var isUsable: Bool { get }

    /// Asks the other side for an answer.
    func isAlive() -> Bool
}

extension SQLConnection {
    package func commit() throws { try commit(announcing: Changes()) }
    package func awaitPendingAnswer() {}
    package func finishMigration() throws {}
    package func damage() throws -> [String] { [] }
}

/// Where rows are inserted.
package struct Insertion: Sendable {
    package let table: String
    package let columns: [String]
    /// The columns as a list.
    package let list: String
    /// The statement that inserts one row, with a question mark for each value.
    let statement: String

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
