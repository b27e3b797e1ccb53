import Foundation

/// A JSON document, in a form that both backends store alike.
///
/// SQLite and PostgreSQL disagree on duplicate keys, NUL characters, lone surrogates, large numbers
/// and negative zero. So the library itself reads, checks and writes documents. Keys are unique and
/// sorted by their UTF-8. An integer is a number that fits 64 bits, every other number is a finite
/// double, and `-0.0` is `0.0`. A document has at most 1 MiB and nests at most 64 deep. Keys are
/// names: the store writes and compares them in Unicode's normal form C.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case int(Int64)
    /// Any other number; always finite.
    case double(Double)
    /// A string without NUL characters.
    case string(String)
    /// An ordered list.
    case array([JSONValue])
    /// Named values.
    case object([String: JSONValue])

    /// The largest document that a column accepts, in UTF-8 bytes.
    public static let maximumBytes = 1 << 20

    /// The deepest nesting of arrays and objects that a column accepts.
    public static let maximumDepth = 64
}

extension JSONValue: CustomStringConvertible {
    /// The canonical text, or `<not representable as JSON>` for a value without one.
    public var description: String {
        (try? canonicalText(maximumBytes: .max)) ?? "<not representable as JSON>"
    }
}

extension JSONValue {
    /// The member of an object, or `nil`.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The element of an array, or `nil` without one at that index.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The canonical text with whole numbers as integers: the equal 1.0 and 1 are both `1`.
    ///
    /// - Throws: As ``canonicalText()``; for a string alone, as ``Swift/String/storedValue()``.
    func comparableText() throws -> String {
        func written(_ value: JSONValue) -> JSONValue {
            switch value {
            case .double(let number): Int64(exactly: number).map { .int($0) } ?? value
            case .array(let elements): .array(elements.map(written))
            case .object(let members): .object(members.mapValues(written))
            default: value
            }
        }
        if case .string(let text) = self {
            // With quotes and escapes, a string may exceed the limit of a document.
            _ = try text.storedValue()
            return try canonicalText(maximumBytes: .max)
        }
        return try written(self).canonicalText()
    }

    /// The string, or `nil` for any other value.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The integer, or `nil` for any other value.
    public var int: Int64? { if case .int(let value) = self { value } else { nil } }

    /// The number as a double, or `nil` for any other value.
    public var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The truth value, or `nil` for any other value.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements, or `nil` for any other value.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    /// The members, or `nil` for any other value.
    public var object: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A finite double.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A list.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Named values; the last one of equal names is kept.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

extension JSONValue: Codable {
    /// Decodes any JSON; an integer stays an integer where it fits 64 bits.
    ///
    /// - Throws: `DecodingError.dataCorrupted` for an integer that would lose digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            if value.magnitude >= 0x1p63, let exact = try? container.decode(Decimal.self),
                !value.keepsDigits(of: exact.description.utf8)
            {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "The number has too many digits; use a string."
                )
            }
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// Encodes the document as it is.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension Double {
    /// The JSON form of a number; non-finite ones are strings.
    ///
    /// The strings are `NaN`, `Infinity` and `-Infinity`.
    package var json: JSONValue {
        if isFinite { return .double(self) }
        return .string(isNaN ? "NaN" : self > 0 ? "Infinity" : "-Infinity")
    }

    /// Reads a number or one of the three strings.
    package init?(json: JSONValue?) {
        switch json {
        case .string("NaN"): self = .nan
        case .string("Infinity"): self = .infinity
        case .string("-Infinity"): self = -.infinity
        default:
            guard let number = json?.double else { return nil }
            self = number
        }
    }
}
