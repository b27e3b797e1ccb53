import Foundation

extension JSONValue {
    /// The canonical text: no white space, and keys sorted by their UTF-8.
    ///
    /// - Throws: `.invalidValue` for a number that is not finite, a NUL character, a document over
    ///   ``maximumBytes`` or nested deeper than ``maximumDepth``.
    public func canonicalText() throws -> String {
        try canonicalText(maximumBytes: Self.maximumBytes)
    }

    func canonicalText(maximumBytes: Int) throws -> String {
        var json = JSONBytes()
        try write(to: &json, depth: 0)
        guard !json.holdsNUL else {
            throw StoreError.json("holds a NUL character, which PostgreSQL cannot store")
        }
        guard json.bytes.count <= maximumBytes else {
            throw StoreError.json("is \(json.bytes.count) bytes, more than \(maximumBytes)")
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func write(to json: inout JSONBytes, depth: Int) throws {
        guard depth <= Self.maximumDepth else {
            throw StoreError.json("nests deeper than \(Self.maximumDepth)")
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
                try element.write(to: &json, depth: depth + 1)
            }
            json.append(sign: "]")
        case .object(let members):
            json.append(sign: "{")
            for (index, member) in members.sorted(by: Self.byUTF8).enumerated() {
                if index > 0 { json.append(sign: ",") }
                json.append(member.key)
                json.append(sign: ":")
                try member.value.write(to: &json, depth: depth + 1)
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
    /// Dates become ISO 8601 text, data becomes base64, and numbers that JSON cannot represent
    /// become the strings `NaN`, `Infinity` and `-Infinity`.
    ///
    /// - Throws: `.invalidValue` when the value cannot be encoded or exceeds the limits.
    public init(encoding value: some Encodable) throws {
        if let value = value as? JSONValue {
            self = value
            return
        }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        let data: Data
        do {
            data = try encoder.encode(value)
        } catch {
            throw StoreError.json("cannot be made from \(type(of: value))")
        }
        try self.init(parsing: data)
    }

    /// Decodes a value of any type, by the rules of ``init(encoding:)``.
    ///
    /// - Throws: `DecodingError` when the document does not fit the type.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: Data(try canonicalText().utf8))
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
