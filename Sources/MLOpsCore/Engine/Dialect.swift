/// The SQL that differs between the backends.
package protocol Dialect: Sendable {
    /// The columns of a table's primary key.
    func key(ofTenantRows: Bool) -> [String]

    /// The expression's value is one of the values.
    func among(_ expression: Fragment, _ values: [StoredValue]) throws -> Fragment

    /// The text matches a LIKE pattern that ignores the case of ASCII letters; `\` escapes.
    func like(_ text: Fragment, _ pattern: String) -> Fragment

    /// The text contains the substring.
    func contains(_ text: Fragment, _ substring: String) -> Fragment

    /// The value at the place has the JSON type of `value`, and the comparison with it holds.
    func compare(
        _ place: JSONPlace, _ comparison: Comparison, _ value: JSONValue
    ) throws -> Fragment

    /// The place exists.
    func exists(_ place: JSONPlace) -> Fragment

    /// The number at the place, also an infinite one, or null.
    func number(_ place: JSONPlace) -> Fragment

    /// The string at the place, in the order of its bytes, or null.
    func string(_ place: JSONPlace) -> Fragment

    /// The array at the place has an element that equals the value.
    func hasElement(_ place: JSONPlace, _ value: JSONValue) throws -> Fragment

    /// The number at the place as a key that is sorted upwards, the opposite one if `descending`.
    ///
    /// `'NaN'` is the key of NaN, which follows every number; null that of another value.
    func sortKey(_ place: JSONPlace, descending: Bool) -> Fragment

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
