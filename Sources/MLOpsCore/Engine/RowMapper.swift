/// Visits the columns of a row in order: to read them, to write them, or to collect their names.
package protocol RowMapper: ~Copyable {
    mutating func column<Record, Value: ColumnValue>(
        _ column: Column<Record, Value>, _ value: inout Value) throws

    mutating func column<Record>(_ column: JSONColumn<Record>, _ value: inout JSONValue) throws

    /// Visits a double whose NaN a backend may store as null.
    mutating func real<Record>(_ column: Column<Record, Double>, _ value: inout Double) throws

    /// Visits a JSON document that has its own Swift type.
    mutating func document<Value: JSONConvertible>(
        _ column: some NamedColumn, _ value: inout Value) throws

    /// Visits a JSON document whose damage does not keep its row from being read.
    mutating func keptDocument<Value: KeptDocument>(
        _ column: some NamedColumn, _ value: inout Value) throws

    /// Visits a text that a workspace never reads.
    mutating func secret<Record>(
        _ column: SecretColumn<Record>, _ value: inout Secret<String>?) throws

    /// Whether the row is read for a workspace.
    var hidesSecrets: Bool { get }
}

extension RowMapper where Self: ~Copyable {
    package var hidesSecrets: Bool { false }

    package mutating func keptDocument<Value: KeptDocument>(
        _ column: some NamedColumn, _ value: inout Value
    ) throws { try document(column, &value) }
}

/// Collects the columns of a table.
package struct ColumnCollector: RowMapper {
    private(set) var names: [String] = []
    private(set) var kinds: [ColumnKind] = []
    /// The columns whose texts are names.
    private(set) var columnsOfNames: [String] = []

    private mutating func add(_ column: some NamedColumn, _ kind: ColumnKind) {
        names.append(column.name)
        if kind == .text, column.holdsNames { columnsOfNames.append(column.name) }
        kinds.append(kind)
    }

    package mutating func column<Record, Value: ColumnValue>(
        _ column: Column<Record, Value>, _ value: inout Value
    ) { add(column, Value.columnKind) }

    package mutating func column<Record>(_ column: JSONColumn<Record>, _ value: inout JSONValue) {
        add(column, .json)
    }

    package mutating func real<Record>(_ column: Column<Record, Double>, _ value: inout Double) {
        add(column, .real)
    }

    package mutating func document<Value: JSONConvertible>(
        _ column: some NamedColumn, _ value: inout Value
    ) { add(column, .json) }

    package mutating func secret<Record>(
        _ column: SecretColumn<Record>, _ value: inout Secret<String>?
    ) { add(column, .text) }
}
