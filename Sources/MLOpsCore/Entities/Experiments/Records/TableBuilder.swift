import Foundation

/// Collects encoded rows as the columns of a table.
///
/// `JSONEncoder` would lose the order of the columns, and whether 1.0 is an integer.
struct TableBuilder {
    private var names: [String] = []
    private var cells: [String: [Cell]] = [:]
    private var count = 0

    mutating func add(_ row: some Encodable) throws {
        let sink = RowSink()
        try row.encode(to: TableRowEncoder(sink: sink, codingPath: []))
        guard sink.isRow else {
            throw StoreError.record(.table, "has a row that is no structure of named values")
        }
        for (name, cell) in sink.cells {
            if cells[name] == nil {
                names.append(name)
                cells[name] = []
            }
            var column = cells.removeValue(forKey: name) ?? []
            // Earlier rows without a value.
            while column.count < count { column.append(.none) }
            // Of two values under one name the last counts.
            if column.count > count { column.removeLast() }
            column.append(cell)
            cells[name] = column
        }
        count += 1
    }

    func columns() throws -> [RunTable.TypedColumn] {
        try names.map { name in
            var column = cells[name] ?? []
            while column.count < count { column.append(.none) }
            return RunTable.TypedColumn(name, try Self.values(column, of: name))
        }
    }

    private static func values(_ cells: [Cell], of name: String) throws -> RunTable.Values {
        var types = Set(cells.compactMap(\.type))
        if types == [.integer, .double] { types = [.double] }
        guard types.count <= 1 else {
            throw StoreError.record(.table, "has different types in the column \"\(name)\"")
        }
        switch types.first {
        case .integer: return .integers(cells.map(\.integer))
        case .double: return .doubles(try cells.map { try $0.double(in: name) })
        case .boolean: return .booleans(cells.map(\.boolean))
        case .string, nil: return .strings(cells.map(\.string))
        }
    }
}

/// A value of a row.
private enum Cell {
    case none
    case integer(Int64)
    case double(Double)
    case string(String)
    case boolean(Bool)

    enum CellType { case integer, double, string, boolean }

    var type: CellType? {
        switch self {
        case .none: nil
        case .integer: .integer
        case .double: .double
        case .string: .string
        case .boolean: .boolean
        }
    }

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    func double(in column: String) throws -> Double? {
        switch self {
        case .double(let value): return value
        case .integer(let value):
            guard let exact = Double(exactly: value) else {
                throw StoreError.record(
                    .table, "has an integer in the column \"\(column)\" that no double equals")
            }
            return exact
        case .none, .string, .boolean: return nil
        }
    }
}

/// The values that a row encodes.
private final class RowSink {
    var cells: [(name: String, cell: Cell)] = []
    /// Whether named values were asked for.
    var isRow = false
}

/// The error of a value that is not one number, text or truth value.
private func nested(_ path: [any CodingKey]) -> StoreError {
    guard let column = path.first?.stringValue else {
        return StoreError.record(.table, "has a row that is no structure of named values")
    }
    return StoreError.record(
        .table, "has a nested value in the column \"\(column)\"; encode it as text")
}

/// Encodes a row, or one value of it.
private struct TableRowEncoder: Encoder {
    let sink: RowSink
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        // A nested structure is refused with its first value.
        if codingPath.isEmpty { sink.isRow = true }
        return KeyedEncodingContainer(RowContainer<Key>(sink: sink, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        RefusingContainer(sink: sink, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        CellContainer(sink: sink, codingPath: codingPath)
    }
}

extension RowSink {
    func add(_ cell: Cell, at path: [any CodingKey]) throws {
        guard path.count == 1 else {
            if path.isEmpty { return }
            throw nested(path)
        }
        cells.append((path[0].stringValue.asName, cell))
    }

    func add(_ value: some BinaryInteger, at path: [any CodingKey]) throws {
        guard let integer = Int64(exactly: value) else {
            throw StoreError.record(
                .table,
                "has an integer beyond 64 bits in the column \"\(path.first?.stringValue ?? "")\"")
        }
        try add(.integer(integer), at: path)
    }

    func encode(_ value: some Encodable, at path: [any CodingKey]) throws {
        guard path.count <= 1 else { throw nested(path) }
        switch value {
        case let value as Bool: try add(.boolean(value), at: path)
        case let value as String: try add(.string(value), at: path)
        case let value as Double: try add(.double(value), at: path)
        case let value as Float: try add(.double(Double(value)), at: path)
        case let value as any BinaryInteger: try add(value, at: path)
        // By the rules of `JSONValue(encoding:)`: ISO 8601, base64, the text of a URL.
        case is Date, is URL, is Data, is Decimal:
            let json = try JSONValue(encoding: value)
            if let text = json.string { return try add(.string(text), at: path) }
            if let number = json.int { return try add(.integer(number), at: path) }
            try add(.double(json.double ?? .nan), at: path)
        default:
            let before = cells.count
            try value.encode(to: TableRowEncoder(sink: self, codingPath: path))
            // An empty structure or list has no value that would be refused.
            guard path.isEmpty || cells.count == before + 1 else { throw nested(path) }
        }
    }
}

private struct RowContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: RowSink
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) throws { try sink.add(.none, at: codingPath + [key]) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try sink.encode(value, at: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(RowContainer<Nested>(sink: sink, codingPath: codingPath + [key]))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        RefusingContainer(sink: sink, codingPath: codingPath + [key])
    }

    func superEncoder() -> any Encoder { TableRowEncoder(sink: sink, codingPath: codingPath) }

    func superEncoder(forKey key: Key) -> any Encoder {
        TableRowEncoder(sink: sink, codingPath: codingPath + [key])
    }
}

private struct CellContainer: SingleValueEncodingContainer {
    let sink: RowSink
    let codingPath: [any CodingKey]

    func encodeNil() throws { try sink.add(.none, at: codingPath) }

    func encode<Value: Encodable>(_ value: Value) throws {
        try sink.encode(value, at: codingPath)
    }
}

/// A list, which no column holds.
private struct RefusingContainer: UnkeyedEncodingContainer {
    let sink: RowSink
    let codingPath: [any CodingKey]
    var count: Int { 0 }

    func encodeNil() throws { throw nested(codingPath) }

    func encode<Value: Encodable>(_ value: Value) throws { throw nested(codingPath) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(
            RowContainer<Nested>(sink: sink, codingPath: codingPath + [NestedKey()]))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }

    func superEncoder() -> any Encoder {
        TableRowEncoder(sink: sink, codingPath: codingPath + [NestedKey()])
    }
}

/// The place of what is inside a list.
private struct NestedKey: CodingKey {
    var stringValue: String { "" }
    var intValue: Int? { nil }
    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
}
