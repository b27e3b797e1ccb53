import Foundation

/// Reads a file line by line, in memory of one line.
struct LineReader {
    private let reader: ByteReader
    private var buffer: [UInt8] = []
    private var next = 0
    private var offset: UInt64 = 0
    private var isAtEnd = false
    /// Whether the last line had a line break.
    private(set) var isTerminated = true

    private static let piece = 1 << 16
    private let longest: Int

    /// Reads from a position on.
    init(_ reader: ByteReader, from offset: UInt64 = 0, longest: Int = 1 << 20) {
        self.reader = reader
        self.offset = offset
        self.longest = longest
    }

    /// Where the next line begins.
    var position: UInt64 { offset - UInt64(buffer.count - next) }

    /// The bytes of the next line without its break; `nil` at the end.
    ///
    /// - Throws: ``ImportSourceError``, also for a line that is longer than allowed.
    mutating func line() throws -> ArraySlice<UInt8>? {
        var searched = next
        while true {
            if let found = buffer[searched...].firstIndex(of: 0x0A) {
                defer { next = found + 1 }
                isTerminated = true
                let end = found > next && buffer[found - 1] == 0x0D ? found - 1 : found
                return buffer[next..<end]
            }
            if isAtEnd {
                guard next < buffer.count else { return nil }
                defer { next = buffer.count }
                isTerminated = false
                return buffer[next...]
            }
            guard buffer.count - next <= longest else {
                throw ImportSourceError(.damaged, "a line is longer than \(longest >> 20) MiB")
            }
            searched = buffer.count - next
            buffer.removeFirst(next)
            next = 0
            let data = try reader.read(at: offset, count: Self.piece)
            offset += UInt64(data.count)
            if data.isEmpty { isAtEnd = true } else { buffer.append(contentsOf: data) }
        }
    }
}
