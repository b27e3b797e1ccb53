/// The SQL of SQLite, where it differs from other backends.
struct SQLiteDialect: Dialect {
    func key(ofTenantRows: Bool) -> [String] { [CommonColumn.id] }

    /// Uses one statement text for any number of values, so that the statement cache finds it.
    func among(_ expression: Fragment, _ values: [StoredValue]) throws -> Fragment {
        // Not one JSONValue: a document for a column is limited in size, a list is not.
        let list = try values.map { try Self.json($0).canonicalText(maximumBytes: .max) }
            .joined(separator: ",")
        return "\(expression) IN (SELECT value FROM json_each(\(stored: .text("[\(list)]"))))"
    }

    private static func json(_ value: StoredValue) -> JSONValue {
        switch value {
        case .null: .null
        case .integer(let number), .time(let number): .int(number)
        case .real(let number): number.json
        case .text(let text): .string(text)
        case .bool(let flag): .int(flag ? 1 : 0)
        case .uuid(let uuid): .string(uuid.lowercased)
        case .json(let document): document.value
        }
    }

    func like(_ text: Fragment, _ pattern: String) -> Fragment {
        "\(text) LIKE \(pattern) ESCAPE '\\'"
    }

    func contains(_ text: Fragment, _ substring: String) -> Fragment {
        "instr(\(text), \(substring)) > 0"
    }

    /// SQLite stores NaN as null, so NaN needs no mapping here.
    func ordered(_ column: String, _ kind: ColumnKind) -> Fragment { "\(raw: column)" }

    func hasElement(_ column: String, _ element: String) -> Fragment {
        "EXISTS (SELECT 1 FROM json_each(\(raw: column)) e WHERE e.value = \(element))"
    }

    func exists(_ place: JSONPlace) -> Fragment { Self.call(.exists, place) }

    func number(_ place: JSONPlace) -> Fragment { Self.call(.number, place) }

    func string(_ place: JSONPlace) -> Fragment { Self.call(.string, place) }

    func sortKey(_ place: JSONPlace, descending: Bool) -> Fragment {
        Self.call(descending ? .descending : .ascending, place)
    }

    func compare(
        _ place: JSONPlace, _ comparison: Comparison, _ value: JSONValue
    ) throws -> Fragment {
        let operation = comparison.rawValue
        switch value {
        case .int(let value): return "\(number(place)) \(raw: operation) \(value)"
        case .double(let value):
            if value.isNaN { return "FALSE" }
            return "\(number(place)) \(raw: operation) \(value)"
        case .string(let text) where comparison != .equal:
            return "\(string(place)) \(raw: operation) \(text)"
        case .string, .bool, .null, .array, .object:
            guard comparison == .equal else { return "FALSE" }
            return Self.call(.equals, place, try value.comparableText())
        }
    }

    func hasElement(_ place: JSONPlace, _ value: JSONValue) throws -> Fragment {
        if case .double(let number) = value, !number.isFinite {
            return number.isNaN ? "FALSE" : try hasElement(place, number.json)
        }
        return Self.call(.hasElement, place, try value.comparableText())
    }

    private static func call(
        _ function: JSONFunction, _ place: JSONPlace, _ value: String? = nil
    ) -> Fragment {
        // No document is that deep, and a function of SQLite takes at most 127 arguments.
        guard place.keys.count <= JSONValue.maximumDepth else { return "NULL" }
        var arguments = [Fragment(raw: place.column)]
        if let value { arguments.append("\(stored: .text(value))") }
        arguments += place.keys.map { key -> Fragment in
            switch key {
            case .name(let name): "\(name)"
            case .index(let index): "\(index)"
            }
        }
        return "\(raw: function.rawValue)(\(Fragment(joining: arguments, separator: ", ")))"
    }

    func serialization(of name: String) -> Fragment? { nil }

    /// Empty: `BEGIN IMMEDIATE` already holds the write lock.
    func lock(_ lock: RowLock) -> Fragment { "" }
}
