extension SystemAccess {
    /// Runs one statement of SQL that reads, and returns its first rows.
    ///
    /// It sees every row of every organization, whatever the library's rights say, and columns as
    /// they are stored: hashes of passwords and keys, and sealed secrets, too. Nothing can be
    /// written: on SQLite only reading is authorized, on PostgreSQL the transaction is read-only
    /// and the statement a cursor's. To end a statement that takes too long, cancel the task.
    ///
    /// - Parameters:
    ///   - sql: One `SELECT`, `VALUES` or `WITH`; the text of a caller is never to be part of it.
    ///   - limit: The most rows, 1 to 100,000.
    /// - Throws: `.invalidValue` for another limit, and for a statement that is wrong, does not
    ///   read, or is not alone; `.permissionDenied` when the role of the server may not do it.
    public func query(_ sql: String, limit: Int = 1000) async throws -> SQLAnswer {
        guard (1...100_000).contains(limit) else {
            throw StoreError(.invalidValue, "A query gives 1 to 100,000 rows.", field: "limit")
        }
        guard !sql.contains("\0") else {
            throw StoreError(.invalidValue, "A statement contains no NUL character.")
        }
        return try await engine(writing: false) { tx in
            try tx.connection.select(sql, limit: limit)
        }
    }
}
