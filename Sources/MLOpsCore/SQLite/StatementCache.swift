/// The prepared statements of a connection, by their text.
struct StatementCache {
    private var statements: [String: SQLiteStatement] = [:]
    private var useCount = 0

    /// Statements that are kept; a program that uses the repositories needs about 200.
    private static let limit = 256

    /// Takes the statement of a text; `nil` where there is none, or where it is in use.
    func take(_ sql: String) -> SQLiteStatement? {
        guard let statement = statements[sql], !statement.isInUse else { return nil }
        statement.isInUse = true
        return statement
    }

    /// Keeps a statement that was prepared, unless there is one of its text.
    mutating func keep(_ statement: SQLiteStatement) {
        guard statements[statement.sql] == nil else { return }
        statements[statement.sql] = statement
        guard statements.count > Self.limit else { return }
        let idle = statements.values.filter { !$0.isInUse }
        if let oldest = idle.min(by: { $0.lastUse < $1.lastUse }) { statements[oldest.sql] = nil }
    }

    /// Takes a statement back; one that has failed is finalized by its last user.
    mutating func giveBack(_ statement: SQLiteStatement) {
        useCount += 1
        statement.lastUse = useCount
        statement.isInUse = false
        guard statement.hasFailed, statements[statement.sql] === statement else { return }
        statements[statement.sql] = nil
    }

    /// Finalizes every statement that nobody uses.
    mutating func removeAll() { statements = [:] }
}
