/// The prepared statements of a connection, by their text.
struct StatementCache {
    /// A text that is hashed by samples: to hash all of it costs more than to look it up.
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

    /// Statements that are kept; a program that uses the repositories needs about 200.
    private static let limit = 256

    /// Takes the statement of a text; `nil` where there is none, or where it is in use.
    func take(_ sql: String) -> SQLiteStatement? {
        guard let statement = statements[Key(sql: sql)], !statement.isInUse else { return nil }
        statement.isInUse = true
        return statement
    }

    /// Keeps a statement that was prepared, unless there is one of its text.
    mutating func keep(_ statement: SQLiteStatement) {
        guard statements[Key(sql: statement.sql)] == nil else { return }
        statements[Key(sql: statement.sql)] = statement
        guard statements.count > Self.limit else { return }
        let idle = statements.values.filter { !$0.isInUse }
        if let oldest = idle.min(by: { $0.lastUse < $1.lastUse }) {
            statements[Key(sql: oldest.sql)] = nil
        }
    }

    /// Takes a statement back; one that has failed is finalized by its last user.
    mutating func giveBack(_ statement: SQLiteStatement) {
        useCount += 1
        statement.lastUse = useCount
        statement.isInUse = false
        guard statement.hasFailed, statements[Key(sql: statement.sql)] === statement else { return }
        statements[Key(sql: statement.sql)] = nil
    }

    /// Finalizes every statement that nobody uses.
    mutating func removeAll() { statements = [:] }
}
