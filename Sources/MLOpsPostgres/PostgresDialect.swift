import MLOpsCore

/// The SQL of PostgreSQL, where it differs from other backends.
struct PostgresDialect: Dialect {
    func key(ofTenantRows: Bool) -> [String] {
        ofTenantRows ? [CommonColumn.organizationID, CommonColumn.id] : [CommonColumn.id]
    }

    /// Binds any number of values as one parameter: the text form of an array.
    func among(_ expression: Fragment, _ values: [StoredValue]) throws -> Fragment {
        // Without values, the type of the array is unknown.
        if values.isEmpty { return "FALSE" }
        let elements = try values.map(Self.element).joined(separator: ",")
        let list: Fragment = "\(stored: .text("{\(elements)}"))"
        if case .time = values.first {
            // In two parts, because a product with an interval is only as exact as a double.
            return """
                \(expression) = ANY(ARRAY(SELECT 'epoch'::timestamptz \
                + (t / 1000000) * interval '1 second' + (t % 1000000) * interval '1 microsecond' \
                FROM unnest(\(list)::bigint[]) t))
                """
        }
        let type =
            switch values.first {
            case .integer: "bigint"
            case .real: "double precision"
            case .bool: "boolean"
            case .uuid: "uuid"
            case .json: "jsonb"
            case .text, .time, .null, nil: "text"
            }
        return "\(expression) = ANY(\(list)::\(raw: type)[])"
    }

    private static func element(_ value: StoredValue) throws -> String {
        switch value {
        case .null: "NULL"
        case .integer(let number), .time(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): quoted(text)
        case .bool(let flag): flag ? "t" : "f"
        case .uuid(let uuid): Identifier<Organization>(uuid).description
        case .json(let document): quoted(try document.canonicalText())
        }
    }

    private static func quoted(_ text: String) -> String {
        // By scalar: a combining mark makes another character of what it follows.
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "\"" { escaped.append("\\") }
            escaped.append(scalar)
        }
        return "\"\(String(escaped))\""
    }

    /// In the collation "C", `lower` changes only ASCII letters.
    func like(_ text: Fragment, _ pattern: String) -> Fragment {
        "lower(\(text)) LIKE lower(\(pattern) COLLATE \"C\") ESCAPE '\\'"
    }

    func contains(_ text: Fragment, _ substring: String) -> Fragment {
        "strpos(\(text), \(substring)) > 0"
    }

    func hasElement(_ column: String, _ element: String) -> Fragment {
        // Not the equivalent operator `?`: in a fragment, a question mark is a value.
        "\(raw: column) @> to_jsonb(CAST(\(element) AS text))"
    }

    func exists(_ place: JSONPlace) -> Fragment { "\(Self.value(at: place)) IS NOT NULL" }

    func number(_ place: JSONPlace) -> Fragment {
        Self.number(Self.value(at: place), orOneOf: #"'"Infinity"', '"-Infinity"'"#)
    }

    func string(_ place: JSONPlace) -> Fragment {
        let value = Self.value(at: place)
        return """
            (CASE WHEN jsonb_typeof(\(value)) = 'string' \
            THEN (\(value)) #>> '{}' END COLLATE "C")
            """
    }

    func hasElement(_ place: JSONPlace, _ value: JSONValue) throws -> Fragment {
        if case .double(let number) = value, !number.isFinite {
            return number.isNaN ? "FALSE" : try hasElement(place, number.json)
        }
        let array = Self.value(at: place)
        return """
            EXISTS (SELECT 1 FROM jsonb_array_elements(\
            CASE WHEN jsonb_typeof(\(array)) = 'array' THEN \(array) END) e \
            WHERE e.value = \(value))
            """
    }

    func sortKey(_ place: JSONPlace, descending: Bool) -> Fragment {
        let number = Self.number(
            Self.value(at: place), orOneOf: #"'"Infinity"', '"-Infinity"', '"NaN"'"#)
        // The opposite of NaN is NaN, the greatest number.
        return descending ? "-(\(number))" : number
    }

    /// The number at a place; strings stand for the numbers that JSON does not have.
    private static func number(_ place: Fragment, orOneOf strings: String) -> Fragment {
        """
        CASE WHEN jsonb_typeof(\(place)) = 'number' THEN (\(place))::numeric \
        WHEN (\(place)) IN (\(raw: strings)) THEN ((\(place)) #>> '{}')::numeric END
        """
    }

    func compare(
        _ place: JSONPlace, _ comparison: Comparison, _ value: JSONValue
    ) throws -> Fragment {
        let operation = comparison.rawValue
        switch value {
        case .int(let number): return "\(self.number(place)) \(raw: operation) \(number)"
        case .double(let number):
            if number.isNaN { return "FALSE" }
            // Compares with the decimal number that the document holds, not with the nearest
            // double.
            let text =
                number.isInfinite
                ? (number < 0 ? "-Infinity" : "Infinity") : try value.canonicalText()
            return "\(self.number(place)) \(raw: operation) \(text)::numeric"
        case .string(let text): return "\(string(place)) \(raw: operation) \(text)"
        case .bool, .null, .array, .object:
            guard comparison == .equal else { return "FALSE" }
            return "\(Self.value(at: place)) = \(value)"
        }
    }

    /// `column -> 'a' -> 'b'`; with a text key, `->` reads members of objects, with an integer
    /// elements of arrays.
    private static func value(at place: JSONPlace) -> Fragment {
        place.keys.reduce("\(raw: place.column)") {
            switch $1 {
            case .name(let name): "\($0) -> \(name)"
            // A negative index would count from the end, a larger one is of another type.
            case .index(let index):
                "\($0) -> \(raw: "\(UInt32(exactly: index).flatMap(Int32.init(exactly:)) ?? .max)")"
            }
        }
    }

    /// Maps NaN, which PostgreSQL sorts as the largest number, to null, as on SQLite.
    func ordered(_ column: String, _ kind: ColumnKind) -> Fragment {
        kind == .real ? "nullif(\(raw: column), 'NaN')" : "\(raw: column)"
    }

    func serialization(of name: String) -> Fragment? {
        "SELECT pg_advisory_xact_lock(hashtextextended(\(name), 0))"
    }

    func lock(_ lock: RowLock) -> Fragment {
        switch lock {
        case .shared: "FOR SHARE"
        // Weaker than FOR UPDATE: it does not block the checks of foreign keys.
        case .exclusive: "FOR NO KEY UPDATE"
        case .available: "FOR NO KEY UPDATE SKIP LOCKED"
        }
    }
}
