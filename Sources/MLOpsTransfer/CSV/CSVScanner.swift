import Foundation

/// Reads records of comma-separated values (RFC 4180) from a file, in memory of one record.
///
/// A line ends with LF, CRLF or CR. A record that breaks the rules is reported, and reading goes on
/// at the next line.
struct CSVScanner {
    /// What the next record is.
    enum Step {
        case record
        /// A record that cannot be read, and why.
        case damaged(String)
        case end
    }

    private let reader: ByteReader
    /// Where to stop; records that begin later are not read.
    private let limit: UInt64
    private var buffer: [UInt8] = []
    /// Where the buffer begins in the file.
    private var base: UInt64
    /// Where the next record begins in the buffer.
    private var next = 0
    private var isAtEnd = false

    /// Where the last record began, and where the next one begins.
    private(set) var start: UInt64
    private(set) var end: UInt64
    /// Whether the last record had a line break.
    private(set) var isTerminated = true
    /// The line of the last record, from 1.
    private(set) var line: Int
    private var nextLine: Int
    private var fields: [Field] = []

    private struct Field {
        var range: Range<Int>
        var hasEscapes = false
    }

    private static let maximumRecord = 1 << 20
    private static let piece = 1 << 18

    init(_ reader: ByteReader, from start: UInt64, to limit: UInt64, line: Int = 1) {
        self.reader = reader
        self.limit = limit
        base = start
        self.start = start
        end = start
        self.line = line
        nextLine = line
    }

    /// How many fields the record has.
    var count: Int { fields.count }

    /// Whether the record is an empty line.
    var isBlank: Bool { fields.count == 1 && fields[0].range.isEmpty && !fields[0].hasEscapes }

    /// The text of a field; `nil` if it is not UTF-8.
    func text(_ index: Int) -> String? {
        let field = fields[index]
        guard field.hasEscapes else {
            return String(validating: buffer[field.range], as: UTF8.self)
        }
        var bytes: [UInt8] = []
        var isSecond = false
        for byte in buffer[field.range] {
            if byte == 0x22, !isSecond {
                isSecond = true
                continue
            }
            isSecond = false
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The bytes of a field that has no quotes within.
    func bytes(_ index: Int) -> ArraySlice<UInt8> { buffer[fields[index].range] }

    /// Reads the next record.
    mutating func advance() throws -> Step {
        if next > 4 * Self.piece {
            buffer.removeFirst(next)
            base += UInt64(next)
            next = 0
        }
        start = base + UInt64(next)
        line = nextLine
        guard start < limit else { return .end }
        while true {
            switch parse() {
            case .needsMore:
                guard buffer.count - next <= Self.maximumRecord else {
                    return try skip("it is longer than 1 MiB; is a quote not closed?")
                }
                try fill()
            case .problem(let message): return try skip(message)
            case .end: return .end
            case .record: return .record
            }
        }
    }

    private enum Parsed { case needsMore, problem(String), record, end }

    private mutating func fill() throws {
        let data = try reader.read(at: base + UInt64(buffer.count), count: Self.piece)
        if data.isEmpty { isAtEnd = true } else { buffer.append(contentsOf: data) }
    }

    private mutating func parse() -> Parsed {
        fields.removeAll(keepingCapacity: true)
        var (index, lines) = (next, 0)
        let count = buffer.count
        if index == count { return isAtEnd ? .end : .needsMore }
        while true {
            guard index < count || isAtEnd else { return .needsMore }
            if index < count, buffer[index] == 0x22 {
                index += 1
                var field = Field(range: index..<index)
                while true {
                    guard index < count else {
                        return isAtEnd ? .problem("a quote is not closed") : .needsMore
                    }
                    if buffer[index] == 0x22 {
                        guard index + 1 < count || isAtEnd else { return .needsMore }
                        guard index + 1 < count, buffer[index + 1] == 0x22 else { break }
                        field.hasEscapes = true
                        index += 1
                    } else if buffer[index] == 0x0A {
                        lines += 1
                    }
                    index += 1
                }
                field.range = field.range.lowerBound..<index
                fields.append(field)
                index += 1
            } else {
                let first = index
                while index < count {
                    let byte = buffer[index]
                    if byte == 0x2C || byte == 0x0A || byte == 0x0D { break }
                    if byte == 0x22 { return .problem("a quote stands in a field without quotes") }
                    index += 1
                }
                guard index < count || isAtEnd else { return .needsMore }
                fields.append(Field(range: first..<index))
            }
            guard index < count else {
                isTerminated = false
                break
            }
            let byte = buffer[index]
            index += 1
            if byte == 0x2C { continue }
            if byte == 0x0D {
                guard index < count || isAtEnd else { return .needsMore }
                if index < count, buffer[index] == 0x0A { index += 1 }
            } else if byte != 0x0A {
                return .problem("text follows a closing quote")
            }
            isTerminated = true
            lines += 1
            break
        }
        next = index
        nextLine += lines
        end = base + UInt64(index)
        return .record
    }

    /// Goes to the line after the one at which the record began.
    private mutating func skip(_ message: String) throws -> Step {
        fields.removeAll(keepingCapacity: true)
        var index = next
        while true {
            if index == buffer.count {
                if isAtEnd { break }
                try fill()
                continue
            }
            index += 1
            if buffer[index - 1] == 0x0A { break }
        }
        next = index
        nextLine += 1
        end = base + UInt64(index)
        return .damaged(message)
    }
}
