/// How SQLite writes what the backends write differently.
struct SQLiteDialect: Dialect {
    func key(of table: Table) -> [String] { ["id"] }

    /// One statement text for every number of values, so that the statement cache serves it.
    func among(_ column: String, _ values: [StoredValue]) throws -> Fragment {
        // Not one JSONValue: what a column may hold has a largest size, a list has none.
        let list = try values.map { try Self.json($0).canonicalText() }.joined(separator: ",")
        return "\(raw: column) IN (SELECT value FROM json_each(\(stored: .text("[\(list)]"))))"
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

    func like(_ column: String, _ pattern: String) -> Fragment {
        "\(raw: column) LIKE \(pattern) ESCAPE '\\'"
    }

    func contains(_ column: String, _ substring: String) -> Fragment {
        "instr(\(raw: column), \(substring)) > 0"
    }

    /// NaN is stored as null.
    func ordered(_ column: String, _ kind: ColumnKind) -> Fragment { "\(raw: column)" }

    func hasElement(_ column: String, _ element: String) -> Fragment {
        "EXISTS (SELECT 1 FROM json_each(\(raw: column)) e WHERE e.value = \(element))"
    }

    func exists(_ column: String, _ path: [String]) throws -> Fragment {
        try place(column, path) { type, _ in "\(type) IS NOT NULL" }
    }

    func number(_ column: String, _ path: [String]) throws -> Fragment {
        guard let literal = Self.literal(path) else {
            throw StoreError(
                .invalidValue, "An order cannot name a JSON key with quotes or control characters.")
        }
        let (type, value) = Self.terms(column, literal)
        return "CASE WHEN \(type) IN ('integer', 'real') THEN \(value) END"
    }

    func compare(
        _ column: String, _ path: [String], _ comparison: Comparison, _ value: JSONValue
    ) throws -> Fragment {
        let operation = comparison.rawValue
        let holds = try place(column, path) { type, extracted in
            // The value first: it leaves fewer rows than its type.
            switch value {
            case .int(let number):
                "(\(extracted) \(raw: operation) \(number) AND \(type) IN ('integer', 'real'))"
            case .double(let number):
                number.isNaN
                    ? "FALSE"
                    : """
                    (\(extracted) \(raw: operation) \(number) AND \(type) IN ('integer', 'real'))
                    """
            case .string(let text):
                "(\(extracted) \(raw: operation) \(text) AND \(type) = 'text')"
            case .bool(let flag) where comparison == .equal: "\(type) = \(flag ? "true" : "false")"
            case .null where comparison == .equal: "\(type) = 'null'"
            case .array where comparison == .equal:
                "(\(extracted) = \(try value.canonicalText()) AND \(type) = 'array')"
            case .object where comparison == .equal:
                "(\(extracted) = \(try value.canonicalText()) AND \(type) = 'object')"
            default: "FALSE"
            }
        }
        guard case .string(let text) = value, comparison == .equal, Self.isPlain(text) else {
            return holds
        }
        // A document without the text need not be parsed, which takes ten times as long.
        return "(instr(\(raw: column), \("\"\(text)\"")) > 0 AND \(holds))"
    }

    /// Whether every writer of JSON writes the text as it is.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) && !"\"\\/".utf8.contains($0) }
    }

    /// A condition on the type and the value at a path.
    private func place(
        _ column: String, _ path: [String], _ condition: (Fragment, Fragment) throws -> Fragment
    ) throws -> Fragment {
        if let literal = Self.literal(path) {
            let (type, value) = Self.terms(column, literal)
            return try condition(type, value)
        }
        // A key that SQLite's path syntax cannot spell is found by walking the members.
        var tables: [Fragment] = []
        var conditions: [Fragment] = []
        var source = column
        for (level, key) in path.enumerated() {
            tables.append("json_each(\(raw: source)) j\(raw: "\(level)")")
            conditions.append("j\(raw: "\(level)").key = \(key)")
            // `json_each` of a scalar's text would fail to parse it.
            source = "CASE WHEN j\(level).type = 'object' THEN j\(level).value END"
        }
        let last = "j\(path.count - 1)"
        conditions.append(try condition("\(raw: last).type", "\(raw: last).value"))
        return """
            EXISTS (SELECT 1 FROM \(Fragment(joining: tables, separator: ", ")) \
            WHERE \(Fragment(joining: conditions, separator: " AND ")))
            """
    }

    private static func terms(_ column: String, _ path: String) -> (Fragment, Fragment) {
        (
            "json_type(\(raw: column), \(path))", "json_extract(\(raw: column), \(path))"
        )
    }

    /// `$."a"."b"`, or `nil` when a key is empty or would be stored escaped.
    private static func literal(_ path: [String]) -> String? {
        for key in path {
            let isPlain = key.unicodeScalars.allSatisfy {
                $0 != "\"" && $0 != "\\" && $0.value >= 0x20
            }
            guard isPlain, !key.isEmpty else { return nil }
        }
        return "$" + path.map { ".\"\($0)\"" }.joined()
    }

    func serialization(of name: String) -> Fragment? { nil }

    /// `BEGIN IMMEDIATE` has locked everything already.
    func lock(_ lock: RowLock) -> Fragment { "" }
}
