package import Foundation

/// A buffer of canonical JSON that is reused for every row.
///
/// It writes ``JSONValue/canonicalText()``, and stored columns without building a tree of values.
package struct JSONBytes: Sendable {
    /// The bytes written so far.
    package private(set) var bytes: [UInt8] = []

    /// Whether a string with a NUL character was appended, which no stored document may have.
    package private(set) var holdsNUL = false

    package init() {}

    /// Removes the bytes, and keeps the capacity.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        holdsNUL = false
    }

    /// Appends bytes that are JSON already.
    package mutating func append(raw text: some Collection<UInt8>) {
        bytes.append(contentsOf: text)
    }

    /// Appends a structural character, such as a comma.
    mutating func append(sign: Unicode.Scalar) { bytes.append(UInt8(ascii: sign)) }

    package mutating func appendNull() { append(raw: Self.null) }

    package mutating func append(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    package mutating func append(_ uuid: UUID) {
        bytes.append(Self.quote)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { text in
            let count = uuid.writeLowercased(to: text.baseAddress)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
        }
        bytes.append(Self.quote)
    }

    /// Appends a string.
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(string: $0) }
    }

    /// Appends a string of UTF-8.
    ///
    /// No byte is refused. Bytes that JSON does not allow, such as NUL, give a text that cannot be
    /// that of a hashed entry.
    package mutating func append(string text: UnsafeBufferPointer<UInt8>) {
        bytes.append(Self.quote)
        var start = 0
        for index in text.indices {
            let byte = text[index]
            guard byte < 0x20 || byte == Self.quote || byte == Self.backslash else { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
            appendEscaped(byte)
            start = index + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        bytes.append(Self.quote)
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        bytes.append(Self.backslash)
        switch byte {
        case Self.quote, Self.backslash: bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            if byte == 0 { holdsNUL = true }
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(contentsOf: CollectionOfOne(byte).hexadecimal.utf8)
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let null = Array("null".utf8)
}

extension StoredValue {
    /// Appends the value as canonical JSON.
    package func write(to json: inout JSONBytes) throws {
        switch self {
        case .null: json.appendNull()
        case .integer(let number), .time(let number): json.append(number)
        case .uuid(let uuid): json.append(uuid)
        case .text(let text): json.append(text)
        case .json(let document): json.append(raw: try document.canonicalText().utf8)
        case .bool(let flag): json.append(raw: "\(flag)".utf8)
        case .real(let number): json.append(raw: try JSONValue.double(number).canonicalText().utf8)
        }
    }
}
