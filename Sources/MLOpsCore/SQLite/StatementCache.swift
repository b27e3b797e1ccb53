/// The prepared statements of a connection, by their text.
struct StatementCache {
    /// A text of which every 16th byte is hashed: hashing all would cost more than the lookup.
    private struct Key: Hashable {
        let sql: String

        func hash(into hasher: inout Hasher) {
            hasher.combine(sql.utf8.count)
            sql.utf8.withContiguousStorageIfAvailable { bytes in
                for position in stride(from: 0, to: bytes.count, by: 16) {
                    hasher.combine(bytes[position])
                }
            }
        }
    }

    private var statements: [Key: SQLiteStatement] = [:]
    private var useCount = 0

    /// The most statements that are kept; a program that uses all repositories needs about 200.
    private static let limit = 256

    /// Takes the statement of a text; `nil` when there is none or it is in use.
    func take(_ sql: String) -> SQLiteStatement? {
        guard let statement = statements[Key(sql: sql)], !statement.isInUse else { return nil }
        statement.isInUse = true
        return statement
    }

    /// Keeps a prepared statement, unless the cache already has one with its text.
    mutating func keep(_ statement: SQLiteStatement) {
        guard statements[Key(sql: statement.sql)] == nil else { return }
        statements[Key(sql: statement.sql)] = statement
        guard statements.count > Self.limit else { return }
        let idle = statements.values.filter { !$0.isInUse }
        if let oldest = idle.min(by: { $0.lastUse < $1.lastUse }) {
            statements[Key(sql: oldest.sql)] = nil
        }
    }

    /// Takes a statement back; a failed one leaves the cache and is finalized after its last use.
    mutating func giveBack(_ statement: SQLiteStatement) {
        useCount += 1
        statement.lastUse = useCount
        statement.isInUse = false
        guard statement.hasFailed, statements[Key(sql: statement.sql)] === statement else { return }
        statements[Key(sql: statement.sql)] = nil
    }

    /// Finalizes every statement that is not in use.
    mutating func removeAll() { statements = [:] }
}
