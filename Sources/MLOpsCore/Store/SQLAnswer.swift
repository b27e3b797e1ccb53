/// What a statement of the database's own language gives.
public struct SQLAnswer: Sendable, Hashable {
    /// The names of the columns, in order; several may have one name.
    public let columns: [String]

    /// The rows, a value for each column.
    ///
    /// Numbers are numbers, with the strings `NaN`, `Infinity` and `-Infinity` for those that JSON
    /// does not have. Documents of PostgreSQL are documents; every other value is a string, bytes
    /// in hexadecimal.
    public let rows: [[JSONValue]]

    /// Whether there are further rows.
    public let isCut: Bool

    package init(columns: [String], rows: [[JSONValue]], isCut: Bool) {
        (self.columns, self.rows, self.isCut) = (columns, rows, isCut)
    }

    /// The largest text of all rows together, in bytes; what lies beyond is cut.
    package static let maximumBytes = 64 << 20
}
