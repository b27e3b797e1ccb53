/// What SQL the backends write differently.
package protocol Dialect: Sendable {
    /// The columns of a table's primary key.
    func key(ofTenantRows: Bool) -> [String]

    /// The column's value is one of the values.
    func among(_ column: String, _ values: [StoredValue]) throws -> Fragment

    /// The column matches the pattern; ASCII letters match in both cases, `\` escapes.
    func like(_ column: String, _ pattern: String) -> Fragment

    /// The column contains the characters.
    func contains(_ column: String, _ substring: String) -> Fragment

    /// The value at the path has the JSON type of `value` and compares so with it.
    func compare(
        _ column: String, _ path: [String], _ comparison: Comparison, _ value: JSONValue
    ) throws -> Fragment

    /// The path exists.
    func exists(_ column: String, _ path: [String]) -> Fragment

    /// The number at the path, or null.
    func number(_ column: String, _ path: [String]) -> Fragment

    /// The column's value in an order of numbers, where NaN counts as null.
    func ordered(_ column: String, _ kind: ColumnKind) -> Fragment

    /// The JSON array in the column has this string as an element.
    func hasElement(_ column: String, _ element: String) -> Fragment

    /// The statement that waits for other transactions which have named the same thing; `nil` where
    /// a writer is alone anyway.
    func serialization(of name: String) -> Fragment?

    /// What a SELECT ends with to lock the rows it reads until the transaction ends.
    func lock(_ lock: RowLock) -> Fragment
}

/// How a row is locked against other transactions.
package enum RowLock: Sendable {
    /// It stays as it is; others may lock it likewise.
    case shared
    /// It is about to be changed.
    case exclusive
}
