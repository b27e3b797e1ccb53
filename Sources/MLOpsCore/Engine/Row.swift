/// One row of a result, read by position.
package protocol Row {
    /// The value at a position, read as a kind.
    ///
    /// - Throws: `.corrupt` when the stored value is not of that kind.
    func value(_ position: Int, _ kind: ColumnKind) throws -> StoredValue

    /// Appends the value at a position as canonical JSON.
    ///
    /// - Throws: `.corrupt` when the stored value is not of that kind.
    func write(_ position: Int, _ kind: ColumnKind, to json: inout JSONBytes) throws
}

/// A row that is already in memory.
package struct ValueRow: Row {
    let values: [StoredValue]

    package func value(_ position: Int, _ kind: ColumnKind) throws -> StoredValue {
        values[position]
    }

    package func write(_ position: Int, _ kind: ColumnKind, to json: inout JSONBytes) throws {
        try values[position].write(to: &json)
    }
}

/// Reads the columns of one row in order.
///
/// It is noncopyable, because a copy for each column would cost more than reading the value.
package struct RowDecoder: ~Copyable {
    package let row: any Row
    var position = 0
    /// Whether secret columns, such as password hashes, are read as `nil`.
    package var hidesSecrets: Bool

    package init(_ row: any Row, hidesSecrets: Bool = false) {
        self.row = row
        self.hidesSecrets = hidesSecrets
    }

    package mutating func next<Value: ColumnValue>(_ type: Value.Type = Value.self) throws -> Value
    {
        let stored = try row.value(position, Value.columnKind)
        guard let value = Value(stored) else {
            throw StoreError(
                .corrupt, "Column \(position + 1) of a row does not hold a \(Value.self).")
        }
        position += 1
        return value
    }

    /// Reads a double; null is read as NaN, because SQLite stores NaN as null.
    package mutating func nextReal() throws -> Double { try next(Double?.self) ?? .nan }
}

extension RowDecoder: RowMapper {
    package mutating func column<Record, Value: ColumnValue>(
        _ column: Column<Record, Value>, _ value: inout Value
    ) throws { value = try next() }

    package mutating func column<Record>(
        _ column: JSONColumn<Record>, _ value: inout JSONValue
    ) throws { value = try next() }

    package mutating func real<Record>(
        _ column: Column<Record, Double>, _ value: inout Double
    ) throws { value = try nextReal() }

    package mutating func document<Value: JSONConvertible>(
        _ column: some NamedColumn, _ value: inout Value
    ) throws { value = try Value(json: next()) }

    package mutating func keptDocument<Value: KeptDocument>(
        _ column: some NamedColumn, _ value: inout Value
    ) throws {
        let json: JSONValue = try next()
        value = (try? Value(json: json)) ?? Value(damaged: json)
    }

    package mutating func secret<Record>(
        _ column: SecretColumn<Record>, _ value: inout Secret<String>?
    ) throws {
        let text = try next(String?.self)
        value = hidesSecrets ? nil : text.map { Secret($0) }
    }
}

/// Writes the columns of one row in order.
package struct RowEncoder {
    package var values: [StoredValue] = []

    package init(capacity: Int) { values.reserveCapacity(capacity) }
}

extension RowEncoder: RowMapper {
    package mutating func column<Record, Value: ColumnValue>(
        _ column: Column<Record, Value>, _ value: inout Value
    ) throws {
        let stored = try column.stored(value)
        // In an optional column NaN is stored as null, because SQLite stores it so.
        if case .real(let number) = stored, number.isNaN, Value.self == Double?.self {
            values.append(.null)
        } else {
            values.append(stored)
        }
    }

    package mutating func column<Record>(_ column: JSONColumn<Record>, _ value: inout JSONValue) {
        values.append(value.storedValue())
    }

    package mutating func real<Record>(_ column: Column<Record, Double>, _ value: inout Double) {
        values.append(.real(value))
    }

    package mutating func document<Value: JSONConvertible>(
        _ column: some NamedColumn, _ value: inout Value
    ) {
        let document = value.json.namingKeys(andStrings: column.holdsNames)
        values.append(.json(StoredDocument(document, maximumBytes: column.maximumBytes)))
    }

    package mutating func secret<Record>(
        _ column: SecretColumn<Record>, _ value: inout Secret<String>?
    ) throws { values.append(try value?.reveal().storedValue() ?? .null) }
}
