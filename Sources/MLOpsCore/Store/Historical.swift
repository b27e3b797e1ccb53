/// A row of the past: its id, times, states and performers are stored as they are given.
///
/// Importers store what happened elsewhere with it; see ``Repository/insert(history:)``.
///
/// ```swift
/// var version = Historical(ModelVersion(model: model, version: "3", createdAt: date))
/// version.set({ $0.stage }, to: .production)
/// version.set({ $0.createdBy }, to: author)
/// ```
///
/// An archive keeps rows as ``json()`` and puts them back with ``init(json:)``.
public struct Historical<Record: Entity>: Sendable {
    /// The row, without what was set.
    public let record: Record
    /// The columns that were set, and to what.
    package private(set) var given: [(column: String, value: StoredValue)] = []

    /// The row as the record says, with the start state in what a record cannot say.
    public init(_ record: Record) { self.record = record }

    /// Sets a column that only the store writes otherwise.
    ///
    /// - Throws: `.invalidValue` for a value that cannot be stored.
    public mutating func set<Value: ColumnValue>(
        _ column: (Record.Columns) -> Column<Record, Value>, to value: Value
    ) throws {
        given.append((column(Record.columns).name, try column(Record.columns).stored(value)))
    }

    /// Sets a column that holds a JSON document.
    public mutating func set(
        _ column: (Record.Columns) -> JSONColumn<Record>, to value: JSONValue
    ) { given.append((column(Record.columns).name, value.storedValue())) }
}
