/// The SQL that differs between the backends.
package protocol Dialect: Sendable {
    /// The columns of a table's primary key.
    func key(ofTenantRows: Bool) -> [String]

    /// The column's value is one of the values.
    func among(_ column: String, _ values: [StoredValue]) throws -> Fragment

    /// The column matches a LIKE pattern that ignores the case of ASCII letters; `\` escapes.
    func like(_ column: String, _ pattern: String) -> Fragment

    /// The column contains the substring.
    func contains(_ column: String, _ substring: String) -> Fragment

    /// The value at the path has the JSON type of `value`, and the comparison with it holds.
    func compare(
        _ column: String, _ path: [String], _ comparison: Comparison, _ value: JSONValue
    ) throws -> Fragment

    /// The path exists.
    func exists(_ column: String, _ path: [String]) -> Fragment

    /// The number at the path, also an infinite one, or null.
    func number(_ column: String, _ path: [String]) -> Fragment

    /// The number at the path as a key that is sorted upwards, the opposite number if `descending`.
    ///
    /// `'NaN'` is the key of NaN, which follows every number; null that of another value.
    func sortKey(_ column: String, _ path: [String], descending: Bool) -> Fragment

    /// The column as a sort key, in which NaN counts as null.
    func ordered(_ column: String, _ kind: ColumnKind) -> Fragment

    /// The JSON array in the column has this string as an element.
    func hasElement(_ column: String, _ element: String) -> Fragment

    /// The statement that locks a name until the transaction ends.
    ///
    /// `nil` where only one transaction writes at a time anyway.
    func serialization(of name: String) -> Fragment?

    /// The clause of a SELECT that locks the rows it reads until the transaction ends.
    func lock(_ lock: RowLock) -> Fragment
}

/// How a row is locked against other transactions.
package enum RowLock: Sendable {
    /// The row must not change; other transactions may hold the same lock.
    case shared
    /// The row is about to be changed.
    case exclusive
    /// The row is about to be changed; rows that others have locked are left out.
    case available
}
