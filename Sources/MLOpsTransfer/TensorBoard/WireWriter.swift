import Foundation

/// Writes the wire format of protocol buffers, field by field, as ``WireReader`` reads it.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ field: Int, _ value: Int64) {
        write(field, kind: 0)
        write(UInt64(bitPattern: value))
    }

    mutating func write(_ field: Int, _ value: Bool) { write(field, value ? 1 : 0 as Int64) }

    mutating func write(_ field: Int, _ value: Double) {
        write(field, kind: 1)
        write(word: value)
    }

    mutating func write(_ field: Int, _ text: String) {
        write(field, kind: 2)
        write(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ field: Int, _ content: some Collection<UInt8>) {
        write(field, kind: 2)
        write(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Writes packed numbers.
    mutating func write(_ field: Int, _ values: [Double]) {
        write(field, kind: 2)
        write(UInt64(values.count * MemoryLayout<Double>.size))
        for value in values { write(word: value) }
    }

    /// Writes a message.
    mutating func write(_ field: Int, _ body: (inout WireWriter) -> Void) {
        var message = WireWriter()
        body(&message)
        write(field, message.bytes)
    }

    private mutating func write(_ field: Int, kind: UInt64) { write(UInt64(field) << 3 | kind) }

    private mutating func write(word value: Double) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
