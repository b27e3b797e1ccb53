import Foundation

extension JSONValue {
    /// The canonical text: no white space, keys in the order of their UTF-8.
    ///
    /// - Throws: `.invalidValue` for a number that is not finite, a NUL character, a document over
    ///   ``maximumBytes`` or nested deeper than ``maximumDepth``.
    public func canonicalText() throws -> String {
        try canonicalText(maximumBytes: Self.maximumBytes)
    }

    func canonicalText(maximumBytes: Int) throws -> String {
        var text = ""
        try write(to: &text, depth: 0)
        guard text.utf8.count <= maximumBytes else {
            throw StoreError.json("is \(text.utf8.count) bytes, more than \(maximumBytes)")
        }
        return text
    }

    private func write(to text: inout String, depth: Int) throws {
        guard depth <= Self.maximumDepth else {
            throw StoreError.json("nests deeper than \(Self.maximumDepth)")
        }
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .double(let value): text += try Self.canonical(value)
        case .string(let value): try Self.write(value, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                try element.write(to: &text, depth: depth + 1)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.sorted(by: Self.byUTF8).enumerated() {
                if index > 0 { text += "," }
                try Self.write(member.key, to: &text)
                text += ":"
                try member.value.write(to: &text, depth: depth + 1)
            }
            text += "}"
        }
    }

    private static func byUTF8(
        _ left: (key: String, value: JSONValue), _ right: (key: String, value: JSONValue)
    ) -> Bool {
        left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }

    /// A double with a fraction or an exponent that PostgreSQL's `numeric` does not lose: `1e15`
    /// would come back from `jsonb` as the integer 1000000000000000.
    private static func canonical(_ value: Double) throws -> String {
        guard value.isFinite else {
            throw StoreError.json("holds \(value), which JSON cannot; use the string \"\(value)\"")
        }
        if value == 0 { return "0.0" }
        if value == value.rounded(), let whole = Int64(exactly: value) { return "\(whole).0" }
        return "\(value)"
    }

    private static func write(_ string: String, to text: inout String) throws {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0": throw StoreError.json("holds a NUL character, which PostgreSQL cannot store")
            case "\u{01}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue {
    /// The JSON form of any encodable value.
    ///
    /// Dates become ISO 8601 text, data base64, and the numbers that JSON has no form for the
    /// strings `NaN`, `Infinity` and `-Infinity`.
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

    /// The value of any decodable type, by the rules of ``init(encoding:)``.
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

extension StoreError {
    static func json(_ problem: String) -> StoreError {
        StoreError(.invalidValue, "The JSON document \(problem).")
    }
}
