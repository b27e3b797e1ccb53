import Foundation

extension JSONValue {
    /// The canonical text: no white space, and keys sorted by their UTF-8.
    ///
    /// - Throws: `.invalidValue` for a number that is not finite, a NUL character, a document over
    ///   ``maximumBytes`` or nested deeper than ``maximumDepth``.
    public func canonicalText() throws -> String {
        try canonicalText(maximumBytes: Self.maximumBytes)
    }

    /// The canonical text of a document that is no column, such as all columns of a row.
    ///
    /// - Throws: As ``canonicalText()``, with these limits.
    public func canonicalText(
        maximumBytes: Int, maximumDepth: Int = Self.maximumDepth
    ) throws -> String {
        var json = JSONBytes()
        try write(to: &json, depth: 0, maximumDepth)
        guard !json.holdsNUL else {
            throw StoreError.json("holds a NUL character, which PostgreSQL cannot store")
        }
        guard json.bytes.count <= maximumBytes else {
            throw StoreError.json("is \(json.bytes.count) bytes, more than \(maximumBytes)")
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func write(to json: inout JSONBytes, depth: Int, _ maximumDepth: Int) throws {
        guard depth <= maximumDepth else {
            throw StoreError.json("nests deeper than \(maximumDepth)")
        }
        switch self {
        case .null: json.appendNull()
        case .bool(let value): json.append(raw: (value ? "true" : "false").utf8)
        case .int(let value): json.append(value)
        case .double(let value): json.append(raw: try Self.canonical(value).utf8)
        case .string(let value): json.append(value)
        case .array(let elements):
            json.append(sign: "[")
            for (index, element) in elements.enumerated() {
                if index > 0 { json.append(sign: ",") }
                try element.write(to: &json, depth: depth + 1, maximumDepth)
            }
            json.append(sign: "]")
        case .object(let members):
            json.append(sign: "{")
            for (index, member) in members.sorted(by: Self.byUTF8).enumerated() {
                if index > 0 { json.append(sign: ",") }
                json.append(member.key)
                json.append(sign: ":")
                try member.value.write(to: &json, depth: depth + 1, maximumDepth)
            }
            json.append(sign: "}")
        }
    }

    private static func byUTF8(
        _ left: (key: String, value: JSONValue), _ right: (key: String, value: JSONValue)
    ) -> Bool {
        left.key.orderOfBytes(against: right.key) < 0
    }

    /// The text of a double that PostgreSQL's `numeric` does not turn into an integer.
    ///
    /// For example, `1e15` would come back from `jsonb` as the integer 1000000000000000.
    private static func canonical(_ value: Double) throws -> String {
        guard value.isFinite else {
            throw StoreError.json("holds \(value), which JSON cannot; use the string \"\(value)\"")
        }
        if value == 0 { return "0.0" }
        if value == value.rounded(), let whole = Int64(exactly: value) { return "\(whole).0" }
        return "\(value)"
    }
}

extension JSONValue {
    /// The JSON form of any encodable value.
    ///
    /// Dates become ISO 8601 text to the microsecond, data becomes base64, and numbers that JSON
    /// cannot represent become the strings `NaN`, `Infinity` and `-Infinity`.
    ///
    /// - Throws: The error of the value's own `encode(to:)`. `.invalidValue` that names the field,
    ///   as in `optimizer.seed`, for a number that would lose digits (`UInt64.max`, a `Decimal` of
    ///   30) or a date outside the years 1 to 9999; `.invalidValue` beyond the limits.
    public init(encoding value: some Encodable) throws {
        if let value = value as? JSONValue {
            self = value
            return
        }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            guard let text = date.iso8601 else {
                throw StoreError(
                    .invalidValue, "A time lies outside the years 1 to 9999.",
                    field: encoder.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
                        .joined(separator: ".")
                ).namingField
            }
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        let data = try encoder.encode(value)
        do {
            try self.init(parsing: data, maximumBytes: Self.maximumBytes, keeping: .all)
        } catch let error as StoreError {
            throw error.namingField
        }
    }

    /// Decodes a value of any type, by the rules of ``init(encoding:)``.
    ///
    /// - Throws: `DecodingError` when the document does not fit the type.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = try Date(iso8601: container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "This is not an ISO 8601 time.")
            }
            return date
        }
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: Data(try canonicalText().utf8))
    }
}

extension Date {
    /// The time in UTC, with six digits of the second if it has a fraction.
    ///
    /// Foundation's formatter gives milliseconds at best. `nil` outside the years 1 to 9999.
    fileprivate var iso8601: String? {
        guard let microseconds else { return nil }
        let fraction = (microseconds % 1_000_000 + 1_000_000) % 1_000_000
        let whole = Date(microseconds: microseconds - fraction).formatted(.iso8601)
        if fraction == 0 { return whole }
        return "\(whole.dropLast()).\("\(1_000_000 + fraction)".dropFirst())Z"
    }

    /// Reads a time; digits after the microsecond are left out.
    fileprivate init?(iso8601 text: String) {
        let fraction = text.firstMatch(of: /\.(\d+)/)
        let whole = fraction.map { text.replacingCharacters(in: $0.range, with: "") } ?? text
        guard let date = try? Date(whole, strategy: .iso8601) else { return nil }
        let digits = ((fraction?.1 ?? "") + "000000").prefix(6)
        guard let seconds = date.microseconds, let micros = Int64(digits) else { return nil }
        self.init(microseconds: seconds + micros)
    }
}

extension String {
    /// Compares the UTF-8 of two strings.
    ///
    /// - Returns: A negative number if this string comes first, zero if both are the same, or a
    ///   positive number.
    func orderOfBytes(against other: String) -> Int {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard let start = left.baseAddress, let other = right.baseAddress else {
                    return left.count - right.count
                }
                let order = Int(memcmp(start, other, min(left.count, right.count)))
                return order == 0 ? left.count - right.count : order
            }
        }
    }
}

extension StoreError {
    static func json(_ problem: String) -> StoreError {
        StoreError(.invalidValue, "The JSON document \(problem).")
    }
}
