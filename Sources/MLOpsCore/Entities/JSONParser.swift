public import Foundation

extension JSONValue {
    /// Reads a JSON text (RFC 8259) strictly.
    ///
    /// A number with a fraction or an exponent becomes the nearest double.
    ///
    /// - Throws: `.invalidValue`, with the position, for bad syntax, a duplicate key, a NUL, a lone
    ///   surrogate, an integer that would lose digits, a number beyond a double, more than
    ///   ``maximumBytes`` or ``maximumDepth``.
    public init(parsing text: String) throws {
        try self.init(parsing: Data(text.utf8))
    }

    /// Reads a JSON text in UTF-8, as ``init(parsing:)-(String)`` does.
    public init(parsing data: Data) throws {
        try self.init(parsing: data, maximumBytes: Self.maximumBytes)
    }

    /// Reads a JSON text in UTF-8 of at most a number of bytes, as ``init(parsing:)-(String)`` does.
    public init(parsing data: Data, maximumBytes: Int) throws {
        try self.init(parsing: data, maximumBytes: maximumBytes, keeping: .integers)
    }

    init(parsing data: Data, maximumBytes: Int, keeping digits: KeptDigits) throws {
        self = try data.withUnsafeBytes {
            try JSONParser.parse(
                $0.assumingMemoryBound(to: UInt8.self), maximumBytes: maximumBytes, keeping: digits)
        }
    }

    /// Reads a document that a column holds, whose limits were checked when it was stored.
    package init(stored bytes: UnsafeRawBufferPointer) throws {
        self = try JSONParser.parse(bytes.assumingMemoryBound(to: UInt8.self))
    }
}

/// A strict parser of JSON.
///
/// Foundation's parser keeps the last of two equal keys and converts numbers to `NSNumber`, so that
/// one document could mean different things on the two backends.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let digits: KeptDigits
    var position = 0

    static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, maximumBytes: Int = .max,
        keeping digits: KeptDigits = .none
    ) throws -> JSONValue {
        guard bytes.count <= maximumBytes else {
            throw StoreError.json("is \(bytes.count) bytes, more than \(maximumBytes)")
        }
        var parser = JSONParser(bytes: bytes, keeping: digits)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.unexpected() }
        return value
    }

    init(bytes: UnsafeBufferPointer<UInt8>, keeping digits: KeptDigits = .none) {
        self.bytes = bytes
        self.digits = digits
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    func unexpected() -> StoreError {
        StoreError.json(
            position < bytes.count
                ? "is not valid at byte \(position)" : "ends too early, at byte \(position)")
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth <= JSONValue.maximumDepth else {
            throw StoreError.json("nests deeper than \(JSONValue.maximumDepth)")
        }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try keyword("true", .bool(true))
        case UInt8(ascii: "f"): return try keyword("false", .bool(false))
        case UInt8(ascii: "n"): return try keyword("null", .null)
        default: return try number()
        }
    }

    /// Reads the value of a member, which the error of an unkept number names.
    ///
    /// Other errors do not: a key may be a secret.
    private mutating func value(
        depth: Int, at member: @autoclosure () -> String
    ) throws -> JSONValue {
        do {
            return try value(depth: depth)
        } catch let error as StoreError where error.field != nil {
            throw error.within(member())
        }
    }

    private mutating func keyword(_ word: String, _ value: JSONValue) throws -> JSONValue {
        for byte in word.utf8 {
            guard current == byte else { throw unexpected() }
            position += 1
        }
        return value
    }

    /// Enters the current array or object; returns `false` if it is empty, and skips it.
    mutating func enter(_ closing: UInt8) -> Bool {
        position += 1
        skipSpace()
        guard current == closing else { return true }
        position += 1
        return false
    }

    /// Skips the colon after a key.
    mutating func skipColon() throws {
        skipSpace()
        guard current == UInt8(ascii: ":") else { throw unexpected() }
        position += 1
    }

    /// Skips the separator; returns `false` at the closing byte.
    mutating func more(_ closing: UInt8) throws -> Bool {
        skipSpace()
        defer { position += 1 }
        if current == closing { return false }
        guard current == UInt8(ascii: ",") else { throw unexpected() }
        return true
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        guard enter(UInt8(ascii: "]")) else { return .array([]) }
        var elements: [JSONValue] = []
        repeat {
            elements.append(try value(depth: depth + 1, at: "\(elements.count)"))
        } while try more(UInt8(ascii: "]"))
        return .array(elements)
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        guard enter(UInt8(ascii: "}")) else { return .object([:]) }
        var members: [(String, JSONValue)] = []
        repeat {
            skipSpace()
            guard isAtString else { throw unexpected() }
            let key = try string()
            try skipColon()
            members.append((key, try value(depth: depth + 1, at: key)))
        } while try more(UInt8(ascii: "}"))
        // A dictionary made with all its members hashes each key only once.
        return .object(
            try Dictionary(members) { _, _ in
                throw StoreError.json("names one key twice, before byte \(position)")
            })
    }

    /// Reads a number.
    mutating func number() throws -> JSONValue {
        let start = position
        var isInteger = true
        if current == UInt8(ascii: "-") { position += 1 }
        let first = position
        try skipDigits()
        // RFC 8259: no leading zeros.
        if bytes[first] == UInt8(ascii: "0"), position > first + 1 { throw unexpected() }
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try skipDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        let source = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if !isInteger, digits != .all, let value = Self.quotient(source) { return .double(value) }
        let text = String(decoding: source, as: UTF8.self)
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw StoreError.json("holds a number beyond a double at byte \(start)")
        }
        let mustKeep = isInteger ? digits != .none : digits == .all
        guard !mustKeep || value.keepsDigits(of: source) else {
            throw StoreError.unkeptNumber(at: start, isNamed: digits == .all)
        }
        return .double(value == 0 ? 0 : value)
    }

    /// A short decimal number without an exponent, the common case; `nil` for any other number.
    ///
    /// The digits and the power of ten are both exact as doubles, so one division gives the nearest
    /// double (W. Clinger, "How to Read Floating Point Numbers Accurately", 1990).
    private static func quotient(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard text.count <= 20 else { return nil }
        var digits: UInt64 = 0
        var power: Double?
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
                power = power.map { $0 * 10 }
            case UInt8(ascii: "."): power = 1
            case UInt8(ascii: "-"): break
            default: return nil
            }
        }
        guard let power, digits > 0, digits <= 1 << 53 else { return nil }
        let value = Double(digits) / power
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    private mutating func skipDigits() throws {
        let start = position
        while let byte = current, byte >= 0x30, byte <= 0x39 { position += 1 }
        guard position > start else { throw unexpected() }
    }

    /// Reads a string, from its opening quote.
    mutating func string() throws -> String {
        position += 1
        var text: [UInt8] = []
        var start = position
        var isASCII = true
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let rest = UnsafeBufferPointer(rebasing: bytes[start..<position])
                position += 1
                // The common case: nothing is copied, and ASCII needs no validation.
                if isASCII, text.isEmpty { return String(decoding: rest, as: UTF8.self) }
                text.append(contentsOf: rest)
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw StoreError.json("is not UTF-8 before byte \(position)")
                }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: bytes[start..<position])
                position += 1
                text.append(
                    contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
                start = position
            case 0..<0x20: throw unexpected()
            default:
                isASCII = isASCII && byte < 0x80
                position += 1
            }
        }
        throw unexpected()
    }

    private mutating func escape() throws -> Unicode.Scalar {
        guard let byte = current else { throw unexpected() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default:
            position -= 1
            throw unexpected()
        }
    }

    private mutating func unicodeEscape() throws -> Unicode.Scalar {
        let first = try fourDigits()
        guard first != 0 else { throw StoreError.json("holds a NUL at byte \(position)") }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw StoreError.json("holds a lone surrogate at byte \(position)") }
        position += 2
        let second = try fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw StoreError.json("holds a lone surrogate at byte \(position)") }
        return scalar
    }

    private mutating func fourDigits() throws -> UInt32 {
        guard position + 4 <= bytes.count else { throw unexpected() }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw unexpected()
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
