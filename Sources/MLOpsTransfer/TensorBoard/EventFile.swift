import Foundation

/// Reads the records of an event file, and checks their checksums.
struct EventFile {
    /// How the file ended.
    enum End: Equatable {
        case whole
        /// The last record is torn: its program was writing it, or was killed.
        case torn
        /// A record is damaged, and with it all that follow.
        case damaged(String)
    }

    private static let piece = 1 << 20
    private static let longestRecord: UInt64 = 256 << 20

    /// Hands each record to a body, with its position.
    ///
    /// - Throws: ``ImportSourceError``; what the body throws.
    static func read(
        _ file: URL, _ body: (UnsafeRawBufferPointer, UInt64) throws -> Void
    ) throws -> End {
        let reader = try ByteReader(file)
        var (buffer, next, base) = ([UInt8](), 0, UInt64(0))
        /// Makes a number of bytes available; returns `false` at the end of the file.
        func fill(_ count: Int) throws -> Bool {
            while buffer.count - next < count {
                buffer.removeFirst(next)
                base += UInt64(next)
                next = 0
                let wanted = max(piece, count - buffer.count)
                let data = try reader.read(at: base + UInt64(buffer.count), count: wanted)
                if data.isEmpty { return false }
                buffer.append(contentsOf: data)
            }
            return true
        }
        while true {
            guard try fill(12) else { return buffer.count == next ? .whole : .torn }
            let position = base + UInt64(next)
            let length = buffer.withUnsafeBytes { bytes -> UInt64? in
                let head = UnsafeRawBufferPointer(rebasing: bytes[next..<next + 8])
                guard CRC32C.masked(head) == word(bytes, next + 8) else { return nil }
                return UInt64(littleEndian: head.loadUnaligned(as: UInt64.self))
            }
            guard let length, length < longestRecord else {
                return .damaged("the checksum of a length is wrong at byte \(position)")
            }
            let count = Int(length)
            guard try fill(12 + count + 4) else { return .torn }
            let isWhole = try buffer.withUnsafeBytes { bytes in
                let start = next + 12
                let data = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
                guard CRC32C.masked(data) == word(bytes, start + count) else { return false }
                try body(data, position)
                return true
            }
            guard isWhole else {
                return .damaged("the checksum of a record is wrong at byte \(position)")
            }
            next += 12 + count + 4
        }
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    }
}
