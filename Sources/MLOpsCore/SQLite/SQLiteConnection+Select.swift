import CSQLite
import Foundation

/// Allows what a statement needs that reads tables, and refuses everything else.
private let readsOnly:
    @convention(c) (
        UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
        UnsafePointer<CChar>?, UnsafePointer<CChar>?
    ) -> Int32 = { _, action, _, _, _, _ in
        switch action {
        case SQLITE_SELECT, SQLITE_READ, SQLITE_FUNCTION, SQLITE_RECURSIVE: SQLITE_OK
        default: SQLITE_DENY
        }
    }

extension SQLiteConnection {
    /// Runs one statement that reads.
    ///
    /// - Throws: `.invalidValue` for one that is wrong, does not read, or is not alone.
    func select(_ sql: String, limit: Int) throws -> SQLAnswer {
        try interruption.check()
        errno = 0
        // SQLite makes the table of such a function when a connection names it first, by a
        // statement that writes to the schema's table and that the authorizer would refuse.
        sqlite3_exec(handle, "SELECT 1 FROM json_each('[]'), json_tree('[]')", nil, nil, nil)
        sqlite3_set_authorizer(handle, readsOnly, nil)
        defer { sqlite3_set_authorizer(handle, nil, nil) }
        let statement = try prepareAlone(sql)
        defer { sqlite3_finalize(statement) }
        guard sqlite3_stmt_readonly(statement) != 0 else { throw wrongStatement(SQLITE_AUTH) }
        let count = sqlite3_column_count(statement)
        let columns = (0..<count).map { column in
            sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
        }
        var rows: [[JSONValue]] = []
        var bytes = 0
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { break }
            guard code == SQLITE_ROW else {
                guard code & 0xFF == SQLITE_ERROR else { throw error(code) }
                throw wrongStatement()
            }
            guard rows.count < limit, bytes < SQLAnswer.maximumBytes else {
                return SQLAnswer(columns: columns, rows: rows, isCut: true)
            }
            rows.append((0..<count).map { value(of: statement, $0) })
            for column in 0..<count { bytes += Int(sqlite3_column_bytes(statement, column)) }
        }
        return SQLAnswer(columns: columns, rows: rows, isCut: false)
    }

    /// Prepares a text that is one statement.
    private func prepareAlone(_ sql: String) throws -> OpaquePointer {
        var statement: OpaquePointer?
        var further: OpaquePointer?
        let code = sql.withCString { text in
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v2(handle, text, -1, &statement, &tail)
            guard code == SQLITE_OK else { return code }
            return sqlite3_prepare_v2(handle, tail, -1, &further, nil)
        }
        guard code == SQLITE_OK, further == nil, let statement else {
            let problem = wrongStatement(code)
            sqlite3_finalize(statement)
            sqlite3_finalize(further)
            throw problem
        }
        return statement
    }

    private func wrongStatement(_ code: Int32 = SQLITE_ERROR) -> any Error {
        switch code & 0xFF {
        case SQLITE_OK: StoreError(.invalidValue, "Give one statement, which reads.")
        case SQLITE_AUTH:
            StoreError(
                .invalidValue, "The statement does more than read; give a SELECT, VALUES or WITH.")
        case SQLITE_ERROR:
            StoreError(.invalidValue, "SQLite says: \(String(cString: sqlite3_errmsg(handle))).")
        default: error(code)
        }
    }

    private func value(of statement: OpaquePointer, _ column: Int32) -> JSONValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .int(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return sqlite3_column_double(statement, column).json
        case SQLITE_TEXT:
            // Not to a NUL: a text may contain one.
            let text = sqlite3_column_text(statement, column)
            let bytes = UnsafeBufferPointer(
                start: text, count: text == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
            return .string(String(decoding: bytes, as: UTF8.self))
        default:
            let count = Int(sqlite3_column_bytes(statement, column))
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(statement, column), count: count)
            return .string(bytes.hexadecimal)
        }
    }
}
