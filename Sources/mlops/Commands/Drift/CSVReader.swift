import Foundation

/// Reads records of comma-separated values as RFC 4180 defines them, in one pass over the bytes.
///
/// A line ends with LF, CRLF or CR; the last one may end with the file. A byte order mark is
/// skipped.
struct CSVReader {
    /// A mistake in the text: the line, the field counted from 0, and what is wrong.
    struct Problem: Error, Equatable {
        let line: Int
        let field: Int
        let message: String
    }

    private let bytes: [UInt8]
    private var index = 0
    private var nextLine = 1
    /// The line at which the last record began, from 1.
    private(set) var line = 0

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ data: Data) {
        bytes = [UInt8](data)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    /// The fields of the next record; `nil` at the end.
    ///
    /// A blank line is a record of one empty field.
    ///
    /// - Throws: `Problem`.
    mutating func next() throws -> [String]? {
        guard index < bytes.count else { return nil }
        line = nextLine
        var fields: [String] = []
        while true {
            let isQuoted = index < bytes.count && bytes[index] == Self.quote
            fields.append(try isQuoted ? quotedField(fields.count) : plainField(fields.count))
            guard index < bytes.count, bytes[index] == Self.comma else { break }
            index += 1
        }
        skipLineEnd()
        return fields
    }

    private mutating func plainField(_ field: Int) throws -> String {
        let start = index
        while index < bytes.count, !isEnd(bytes[index]) {
            guard bytes[index] != Self.quote else {
                throw Problem(
                    line: nextLine, field: field, message: "a quote inside a field without quotes")
            }
            index += 1
        }
        return try text(bytes[start..<index], field)
    }

    private mutating func quotedField(_ field: Int) throws -> String {
        let opening = nextLine
        index += 1
        var value: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Self.quote {
                index += 1
                guard index < bytes.count, bytes[index] == Self.quote else {
                    guard index == bytes.count || isEnd(bytes[index]) else {
                        throw Problem(
                            line: nextLine, field: field, message: "text after a closing quote")
                    }
                    return try text(value[...], field)
                }
            } else if isLineEnd(at: index) {
                nextLine += 1
            }
            value.append(byte)
            index += 1
        }
        throw Problem(line: opening, field: field, message: "a quote that is never closed")
    }

    private func text(_ bytes: ArraySlice<UInt8>, _ field: Int) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(line: line, field: field, message: "text that is not UTF-8")
        }
        return text
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == Self.comma || byte == Self.lineFeed || byte == Self.carriageReturn
    }

    /// Whether a byte ends a line; of CRLF only the second one does.
    private func isLineEnd(at index: Int) -> Bool {
        if bytes[index] == Self.lineFeed { return true }
        guard bytes[index] == Self.carriageReturn else { return false }
        return index + 1 == bytes.count || bytes[index + 1] != Self.lineFeed
    }

    private mutating func skipLineEnd() {
        guard index < bytes.count else { return }
        let isPair = !isLineEnd(at: index)
        index += isPair ? 2 : 1
        nextLine += 1
    }
}
