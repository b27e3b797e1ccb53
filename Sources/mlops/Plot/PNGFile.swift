import Foundation

/// Writes pixels as PNG (ISO/IEC 15948), with the library's own deflate (RFC 1951).
///
/// Each row holds differences to the row above it, which are mostly zeros in a chart. Repeated
/// bytes are written as one match, with the fixed codes; a chart has a few tens of kilobytes.
enum PNGFile {
    static func data(_ canvas: RasterCanvas) -> Data {
        var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var header: [UInt8] = []
        append(UInt32(canvas.width), to: &header)
        append(UInt32(canvas.height), to: &header)
        // Eight bits a sample, red, green and blue, and the only methods that there are.
        header += [8, 2, 0, 0, 0]
        data.append(chunk("IHDR", header))
        data.append(chunk("IDAT", compressed(filtered(canvas))))
        data.append(chunk("IEND", []))
        return data
    }

    private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func chunk(_ type: String, _ bytes: [UInt8]) -> Data {
        let content = Array(type.utf8) + bytes
        var chunk: [UInt8] = []
        append(UInt32(bytes.count), to: &chunk)
        chunk += content
        append(crc(content), to: &chunk)
        return Data(chunk)
    }

    /// The rows, each after the number of the filter "up".
    private static func filtered(_ canvas: RasterCanvas) -> [UInt8] {
        let length = canvas.width * 3
        var bytes: [UInt8] = []
        bytes.reserveCapacity((length + 1) * canvas.height)
        canvas.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<canvas.height {
                bytes.append(2)
                for index in row * length..<(row + 1) * length {
                    bytes.append(pixels[index] &- (row == 0 ? 0 : pixels[index - length]))
                }
            }
        }
        return bytes
    }

    // MARK: Checks

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
        }
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crcTable[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return b << 16 | a
    }

    // MARK: Deflate

    /// The shortest match of each length code, and how many bits follow the code.
    private static let lengths: [(base: Int, bits: Int)] = [
        (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1),
        (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4),
        (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
    ]

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var bits = BitWriter()
        // The one block: last, with the fixed codes.
        bits.add(1, 1)
        bits.add(1, 2)
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                bits.literal(Int(bytes[index]))
                var end = index + 1
                while end < bytes.count, bytes[end] == bytes[index] { end += 1 }
                var run = end - index - 1
                while run >= 3 {
                    let length = min(run, 258)
                    let code = lengths.lastIndex { $0.base <= length } ?? 0
                    bits.literal(257 + code)
                    bits.add(length - lengths[code].base, lengths[code].bits)
                    // The distance 1: five bits of the code 0.
                    bits.add(0, 5)
                    run -= length
                }
                for _ in 0..<run { bits.literal(Int(bytes[index])) }
                index = end
            }
        }
        bits.literal(256)
        var stream: [UInt8] = [0x78, 0x01]
        stream += bits.finished()
        append(adler(bytes), to: &stream)
        return stream
    }

    /// Packs bits into bytes, the lowest first.
    private struct BitWriter {
        private var bytes: [UInt8] = []
        private var word: UInt64 = 0
        private var count = 0

        mutating func add(_ value: Int, _ bits: Int) {
            word |= UInt64(value) << UInt64(count)
            count += bits
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
                count -= 8
            }
        }

        /// Adds a symbol in its fixed code, whose highest bit comes first.
        mutating func literal(_ symbol: Int) {
            let (code, bits) =
                switch symbol {
                case 0..<144: (0x30 + symbol, 8)
                case 144..<256: (0x190 + symbol - 144, 9)
                case 256..<280: (symbol - 256, 7)
                default: (0xC0 + symbol - 280, 8)
                }
            var reversed = 0
            for bit in 0..<bits { reversed |= (code >> bit & 1) << (bits - 1 - bit) }
            add(reversed, bits)
        }

        func finished() -> [UInt8] {
            count == 0 ? bytes : bytes + [UInt8(truncatingIfNeeded: word)]
        }
    }
}
