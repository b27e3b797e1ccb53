import Foundation

// Finds members in a document that is known to be valid. No tree is built, and nothing after the
// member is read.
extension JSONParser {
    /// Whether the current value is a string.
    var isAtString: Bool { current == UInt8(ascii: "\"") }

    /// Whether the current value is a number.
    var isAtNumber: Bool {
        guard let byte = current else { return false }
        return byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Moves to the value of a key in the current object; of several, to the first.
    ///
    /// - Returns: `false` when the current value is not an object or has no such key.
    mutating func seek(_ key: UnsafeBufferPointer<UInt8>) throws -> Bool {
        guard current == UInt8(ascii: "{"), enter(UInt8(ascii: "}")) else { return false }
        repeat {
            skipSpace()
            let isFound = try skipString(equalTo: key)
            try skipColon()
            skipSpace()
            if isFound { return true }
            try skipValue()
        } while try more(UInt8(ascii: "}"))
        return false
    }

    /// Moves to an element of the current array, from 0.
    ///
    /// - Returns: `false` when the current value is not an array or has no such element.
    mutating func seek(element index: Int) throws -> Bool {
        guard index >= 0, current == UInt8(ascii: "["), enter(UInt8(ascii: "]")) else {
            return false
        }
        var position = 0
        repeat {
            skipSpace()
            if position == index { return true }
            try skipValue()
            position += 1
        } while try more(UInt8(ascii: "]"))
        return false
    }

    /// Whether the current value is an array with an element whose
    /// ``JSONValue/comparableText()`` is `text`.
    mutating func hasElement(_ text: UnsafeBufferPointer<UInt8>) throws -> Bool {
        guard current == UInt8(ascii: "["), enter(UInt8(ascii: "]")) else { return false }
        repeat {
            skipSpace()
            if try isAt(text) { return true }
        } while try more(UInt8(ascii: "]"))
        return false
    }

    /// Skips the current value; returns whether `text` is its ``JSONValue/comparableText()``.
    mutating func isAt(_ text: UnsafeBufferPointer<UInt8>) throws -> Bool {
        let start = position
        try skipValue()
        let source = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if source.isSame(as: text) { return true }
        // A keyword has only one spelling, and so has a string without escapes.
        switch source.first {
        case UInt8(ascii: "\""):
            guard source.contains(UInt8(ascii: "\\")) else { return false }
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return false
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            guard text.first == source.first else { return false }
        default: break
        }
        return try Self.parse(source).comparableText().utf8.elementsEqual(text)
    }

    private mutating func skipValue() throws {
        var depth = 0
        repeat {
            switch current {
            case nil: throw unexpected()
            case UInt8(ascii: "\""): _ = try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            default:
                // A number, a keyword, or a separator between values.
                repeat { position += 1 } while current.map(Self.isPartOfWord) ?? false
            }
        } while depth > 0
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Skips a string, from its opening quote; returns whether it has escapes.
    private mutating func skipString() throws -> Bool {
        var hasEscapes = false
        position += 1
        while let byte = current {
            position += 1
            if byte == UInt8(ascii: "\"") { return hasEscapes }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                position += 1
            }
        }
        throw unexpected()
    }

    /// Skips the current key; returns whether it equals `key`.
    private mutating func skipString(equalTo key: UnsafeBufferPointer<UInt8>) throws -> Bool {
        guard isAtString else { throw unexpected() }
        let start = position
        if try skipString() {
            position = start
            return try string().utf8.elementsEqual(key)
        }
        return UnsafeBufferPointer(rebasing: bytes[start + 1..<position - 1]).isSame(as: key)
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func isSame(as other: Self) -> Bool {
        guard count == other.count, let start = baseAddress, let otherStart = other.baseAddress
        else { return count == other.count }
        return memcmp(start, otherStart, count) == 0
    }
}
