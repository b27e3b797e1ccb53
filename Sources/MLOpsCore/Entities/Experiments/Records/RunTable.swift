import Foundation

/// Columns of one type each, as a run records them: predictions, a confusion matrix, samples.
///
/// It is kept as JSON in the form of a Table Schema, with a row as an array: pandas reads it with
/// `read_json(path, orient="table")`, but for integers beyond 2^53 beside missing values. NaN and
/// infinities are the strings `NaN`, `Infinity` and `-Infinity` there, and a missing value is
/// `null`.
public struct RunTable: Sendable, Hashable {
    /// The values of a column; `nil` is a missing one.
    public enum Values: Sendable, Hashable {
        /// Integers.
        case integers([Int64?])
        /// Numbers; NaN and infinities are kept, and told apart from missing values. -0.0 is 0.0.
        case doubles([Double?])
        /// Texts.
        case strings([String?])
        /// Truth values.
        case booleans([Bool?])

        /// The number of values.
        public var count: Int {
            switch self {
            case .integers(let values): values.count
            case .doubles(let values): values.count
            case .strings(let values): values.count
            case .booleans(let values): values.count
            }
        }
    }

    /// A column.
    public struct TypedColumn: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its values, one for each row.
        public let values: Values

        /// Makes a column.
        public init(_ name: String, _ values: Values) {
            self.name = name
            self.values = values
        }
    }

    /// The columns, in their order.
    public let columns: [TypedColumn]

    /// The number of rows.
    public var rowCount: Int { columns.first?.values.count ?? 0 }

    /// The most columns.
    public static let maximumColumns = 1024
    /// The largest table, in bytes of its JSON.
    public static let maximumBytes = 64 << 20

    /// Makes a table of columns.
    ///
    /// - Throws: `.invalidValue` for no column or more than ``maximumColumns``, a name that is
    ///   empty, too long or occurs twice, and for columns of different lengths.
    public init(columns: [TypedColumn]) throws {
        guard (1...Self.maximumColumns).contains(columns.count) else {
            throw StoreError.record(
                .table, "needs 1 to \(Self.maximumColumns) columns; it has \(columns.count)")
        }
        let columns = columns.map { TypedColumn($0.name.asName, $0.values) }
        guard
            columns.allSatisfy({
                !$0.name.isEmpty && $0.name.utf8.count <= String.maximumNameBytes
                    && !$0.name.utf8.contains(0)
            }), Set(columns.map(\.name)).count == columns.count
        else {
            throw StoreError.record(
                .table, "has a column whose name is empty, too long or that of another one")
        }
        guard columns.allSatisfy({ $0.values.count == columns[0].values.count }) else {
            throw StoreError.record(.table, "has columns of different lengths")
        }
        self.columns = columns
    }

    /// Makes a table of columns by name.
    ///
    /// - Throws: As ``init(columns:)``.
    public init(_ columns: KeyValuePairs<String, Values>) throws {
        try self.init(columns: columns.map { TypedColumn($0.key, $0.value) })
    }

    /// Makes a table of rows: each is encoded to one value for each column.
    ///
    /// Columns stand in the order in which the rows name them. A row that leaves one out has no
    /// value there. Dates become ISO 8601 text. Integers and doubles in one column are doubles.
    ///
    /// - Throws: `.invalidValue`, with the column, for a row that is no structure of named values,
    ///   for a nested value, for different types in one column, and for an integer that a column of
    ///   doubles cannot hold; as ``init(columns:)``; what the row's own `encode` throws.
    public init(rows: some Sequence<some Encodable>) throws {
        var builder = TableBuilder()
        for row in rows { try builder.add(row) }
        try self.init(columns: builder.columns())
    }

    /// The values of a column, or `nil` without one of this name.
    public subscript(name: String) -> Values? {
        let name = name.asName
        return columns.first { $0.name == name }?.values
    }

    /// The rows as values of a type whose properties are named as the columns.
    ///
    /// - Throws: `DecodingError` when a row does not fit the type.
    public func rows<Element: Decodable>(as type: Element.Type = Element.self) throws -> [Element] {
        try (0..<rowCount).map { index in
            var members: [String: JSONValue] = [:]
            for column in columns {
                let value = column.values.json(at: index)
                members[column.name] = value == .null ? nil : value
            }
            return try JSONValue.object(members).decode(as: type)
        }
    }
}

extension RunTable.Values {
    /// The value of a row as JSON.
    func json(at row: Int) -> JSONValue {
        switch self {
        case .integers(let values): values[row].map { .int($0) } ?? .null
        case .doubles(let values): values[row].map(\.json) ?? .null
        case .strings(let values): values[row].map { .string($0) } ?? .null
        case .booleans(let values): values[row].map { .bool($0) } ?? .null
        }
    }

    /// The type of a Table Schema, and the one of pandas that holds missing values as well.
    fileprivate var field: [String: JSONValue] {
        switch self {
        case .integers: ["type": "integer", "extDtype": "Int64"]
        case .doubles: ["type": "number"]
        case .strings: ["type": "string"]
        case .booleans: ["type": "boolean", "extDtype": "boolean"]
        }
    }

    /// Reads the values of a column; `nil` when one is of another type.
    fileprivate init?(type: String?, _ cells: [JSONValue]) {
        func read<Value>(_ value: (JSONValue) -> Value?) -> [Value?]? {
            var values: [Value?] = []
            values.reserveCapacity(cells.count)
            for cell in cells {
                if cell == .null {
                    values.append(nil)
                } else if let value = value(cell) {
                    values.append(value)
                } else {
                    return nil
                }
            }
            return values
        }
        let values: Self?
        switch type {
        case "integer": values = read(\.int).map { .integers($0) }
        case "number": values = read { Double(json: $0) }.map { .doubles($0) }
        case "string": values = read(\.string).map { .strings($0) }
        case "boolean": values = read(\.bool).map { .booleans($0) }
        default: values = nil
        }
        guard let values else { return nil }
        self = values
    }
}

extension RunTable: RunRecord {
    static var kind: Artifact.Kind { .table }
    var fileExtension: String { "json" }
    var details: JSONValue {
        ["rows": .int(Int64(rowCount)), "columns": .int(Int64(columns.count))]
    }

    func recordedBytes() throws -> Data {
        let document: JSONValue = [
            "schema": [
                "fields": .array(
                    columns.map { column in
                        .object(column.values.field.merging(["name": .string(column.name)]) { $1 })
                    })
            ],
            "data": .array(
                (0..<rowCount).map { row in .array(columns.map { $0.values.json(at: row) }) }),
        ]
        do {
            return Data(try document.canonicalText(maximumBytes: Self.maximumBytes).utf8)
        } catch let error as StoreError {
            throw StoreError.record(.table, "cannot be written: \(error.message)")
        }
    }

    init(recorded bytes: Data) throws {
        let json = try? JSONValue(parsing: bytes, maximumBytes: Self.maximumBytes)
        guard let fields = json?["schema"]?["fields"]?.array, let rows = json?["data"]?.array,
            rows.allSatisfy({ $0.array?.count == fields.count })
        else { throw StoreError.unreadableRecord(.table) }
        var columns: [TypedColumn] = []
        for (index, field) in fields.enumerated() {
            let cells = rows.map { $0[index] ?? .null }
            guard let name = field["name"]?.string,
                let values = Values(type: field["type"]?.string, cells)
            else { throw StoreError.unreadableRecord(.table) }
            columns.append(TypedColumn(name, values))
        }
        do {
            try self.init(columns: columns)
        } catch is StoreError {
            throw StoreError.unreadableRecord(.table)
        }
    }
}
