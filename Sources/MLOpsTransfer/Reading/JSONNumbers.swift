import Foundation

/// Reads the numbers of a JSON object, with the path of each, without making a document of it.
///
/// Documents of a store have no NaN, no infinity and no negative zero; a tracker's have all three.
/// Bare `NaN`, `Infinity` and `-Infinity`, which Python writes, are numbers, and so are these words
/// as strings.
struct JSONNumbers {
    /// What a value is that is no number.
    enum Other {
        case text, bool, null, array
        /// An object with a member `_type`, that type, and the text of the object.
        case typed(String, UnsafeBufferPointer<UInt8>)
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var names = NameCache()

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - number: Gets each number; members of objects inside have a path with slashes.
    ///   - other: Gets each value that is no number.
    /// - Returns: Whether the text is valid; what comes before a mistake was handed over.
    static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, names: inout NameCache,
        number: (String, Double) throws -> Void, other: (String, Other) -> Void
    ) rethrows -> Bool {
        var reader = JSONNumbers(bytes: bytes, names: names)
        defer { names = reader.names }
        reader.skipSpace()
        guard reader.current == UInt8(ascii: "{") else { return false }
        return try reader.object(below: "", depth: 0, number, other)
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, names: NameCache) {
        self.bytes = bytes
        self.names = names
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func object(
        below path: String, depth: Int, _ number: (String, Double) throws -> Void,
        _ other: (String, Other) -> Void
    ) rethrows -> Bool {
        guard depth < 32, take("{") else { return false }
        if take("}") { return true }
        repeat {
            skipSpace()
            guard let key = string() else { return false }
            guard take(":") else { return false }
            skipSpace()
            let name: String
            if path.isEmpty {
                name = names.text(bytes[key]) { Self.text(bytes[key]) ?? "" }
            } else {
                name = path + "/" + (Self.text(bytes[key]) ?? "")
            }
            guard try value(name, depth: depth, number, other) else { return false }
        } while take(",")
        return take("}")
    }

    private mutating func value(
        _ name: String, depth: Int, _ number: (String, Double) throws -> Void,
        _ other: (String, Other) -> Void
    ) rethrows -> Bool {
        switch current {
        case UInt8(ascii: "{"):
            if let type = typeOfObject() {
                let start = position
                guard skipValue() else { return false }
                other(name, .typed(type, UnsafeBufferPointer(rebasing: bytes[start..<position])))
                return true
            }
            return try object(below: name, depth: depth + 1, number, other)
        case UInt8(ascii: "["):
            other(name, .array)
            return skipValue()
        case UInt8(ascii: "\""):
            guard let range = string() else { return false }
            switch Self.text(bytes[range]) {
            case "NaN": try number(name, .nan)
            case "Infinity": try number(name, .infinity)
            case "-Infinity": try number(name, -.infinity)
            default: other(name, .text)
            }
            return true
        default:
            let start = position
            while let byte = current, byte != 0x2C, byte != 0x7D, byte != 0x5D, byte > 0x20 {
                position += 1
            }
            let word = String(decoding: bytes[start..<position], as: UTF8.self)
            switch word {
            case "true", "false": other(name, .bool)
            case "null": other(name, .null)
            default:
                guard case .number(let value) = CSVNumber.value(ArraySlice(bytes[start..<position]))
                else { return false }
                try number(name, value)
            }
            return true
        }
    }

    /// The value of `_type`, if that is the first member of the current object.
    private func typeOfObject() -> String? {
        var ahead = self
        guard ahead.take("{") else { return nil }
        ahead.skipSpace()
        guard let key = ahead.string(), bytes[key].elementsEqual("_type".utf8), ahead.take(":")
        else { return nil }
        ahead.skipSpace()
        return ahead.string().flatMap { Self.text(bytes[$0]) }
    }

    /// Skips an object or a list.
    private mutating func skipValue() -> Bool {
        var open = 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open -= 1
                if open == 0 {
                    position += 1
                    return true
                }
            default: break
            }
            position += 1
        }
        return false
    }

    // MARK: Rows

    /// A value of a row.
    enum Cell {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case text(String)
        /// The JSON of a list or an object.
        case nested(String)
    }

    /// Reads the rows of a table, `{"_value": [{...}, ...]}`, in the order of their members.
    ///
    /// - Returns: Whether the text is valid and has rows.
    static func readRows(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (_ row: Int, _ name: String, Cell) -> Void
    ) -> Bool {
        var reader = JSONNumbers(bytes: bytes, names: NameCache())
        guard reader.take("{") else { return false }
        repeat {
            reader.skipSpace()
            guard let key = reader.string(), reader.take(":") else { return false }
            reader.skipSpace()
            if bytes[key].elementsEqual("_value".utf8) { return reader.rows(body) }
            guard reader.cell() != nil else { return false }
        } while reader.take(",")
        return false
    }

    private mutating func rows(_ body: (Int, String, Cell) -> Void) -> Bool {
        guard take("[") else { return false }
        if take("]") { return true }
        var row = 0
        repeat {
            guard take("{") else { return false }
            if !take("}") {
                repeat {
                    skipSpace()
                    guard let key = string(), take(":") else { return false }
                    skipSpace()
                    guard let cell = cell() else { return false }
                    body(row, Self.text(bytes[key]) ?? "", cell)
                } while take(",")
                guard take("}") else { return false }
            }
            row += 1
        } while take(",")
        return take("]")
    }

    private mutating func cell() -> Cell? {
        let start = position
        switch current {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard skipValue() else { return nil }
            return .nested(String(decoding: bytes[start..<position], as: UTF8.self))
        case UInt8(ascii: "\""):
            return string().flatMap { Self.text(bytes[$0]) }.map(Cell.text)
        default:
            while let byte = current, byte != 0x2C, byte != 0x7D, byte != 0x5D, byte > 0x20 {
                position += 1
            }
            let word = String(decoding: bytes[start..<position], as: UTF8.self)
            switch word {
            case "null": return .null
            case "true", "false": return .bool(word == "true")
            default:
                if let integer = Int64(word) { return .integer(integer) }
                guard case .number(let value) = CSVNumber.value(ArraySlice(bytes[start..<position]))
                else { return nil }
                return .double(value)
            }
        }
    }

    /// The bytes between the quotes of a string, which is skipped.
    private mutating func string() -> Range<Int>? {
        guard current == UInt8(ascii: "\"") else { return nil }
        position += 1
        let start = position
        while let byte = current {
            if byte == UInt8(ascii: "\"") {
                position += 1
                return start..<(position - 1)
            }
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    /// The text between quotes.
    private static func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard bytes.contains(UInt8(ascii: "\\")) else {
            return String(validating: bytes, as: UTF8.self)
        }
        let quoted = Data([0x22] + Array(bytes) + [0x22])
        return try? JSONDecoder().decode(String.self, from: quoted)
    }
}
