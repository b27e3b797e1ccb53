/// Reads the wire format of protocol buffers, field by field, without a schema.
///
/// It borrows the bytes, and must not outlive them. A message that breaks the format ends early,
/// with ``isDamaged``.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Whether the message broke the format.
    private(set) var isDamaged = false
    /// The number of the current field.
    private(set) var field = 0
    private var kind: UInt8 = 0
    private var scalar: UInt64 = 0
    private var range = 0..<0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Goes to the next field; returns `false` at the end.
    mutating func next() -> Bool {
        guard position < bytes.count, let tag = variableInteger(), tag >> 3 > 0,
            tag >> 3 < 1 << 29
        else { return end() }
        field = Int(tag >> 3)
        kind = UInt8(tag & 7)
        switch kind {
        case 0:
            guard let value = variableInteger() else { return end() }
            scalar = value
        case 1:
            guard bytes.count - position >= 8 else { return end() }
            scalar = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        case 2:
            guard let count = variableInteger(), count <= UInt64(bytes.count - position) else {
                return end()
            }
            range = position..<position + Int(count)
            position += Int(count)
        case 5:
            guard bytes.count - position >= 4 else { return end() }
            scalar = UInt64(
                UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            position += 4
        default: return end()
        }
        return true
    }

    /// Goes to the next field of a number; returns `false` at the end.
    mutating func next(_ number: Int) -> Bool {
        while next() { if field == number { return true } }
        return false
    }

    private mutating func end() -> Bool {
        if position < bytes.count { isDamaged = true }
        position = bytes.count
        return false
    }

    private mutating func variableInteger() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        isDamaged = true
        return nil
    }

    /// The field as an integer of 64 bits.
    var integer: Int64 { kind == 0 || kind == 1 ? Int64(bitPattern: scalar) : 0 }
    /// The field as a double.
    var double: Double { kind == 1 ? Double(bitPattern: scalar) : 0 }
    /// The field as a float.
    var float: Float { kind == 5 ? Float(bitPattern: UInt32(truncatingIfNeeded: scalar)) : 0 }
    /// The bytes of the field: a text, a message, or packed numbers.
    var content: UnsafeRawBufferPointer {
        kind == 2
            ? UnsafeRawBufferPointer(rebasing: bytes[range])
            : UnsafeRawBufferPointer(rebasing: bytes[0..<0])
    }
    /// A reader of the message that the field is.
    var message: WireReader { WireReader(content) }
    /// The field as text; what is not UTF-8 is replaced by U+FFFD.
    var text: String { String(decoding: content, as: UTF8.self) }

    /// The doubles of a repeated field, packed or one of them.
    var doubles: [Double] {
        if kind == 1 { return [double] }
        let content = content
        return stride(from: 0, to: content.count - content.count % 8, by: 8).map {
            Double(
                bitPattern: UInt64(
                    littleEndian: content.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
        }
    }

    /// The floats of a repeated field, packed or one of them.
    var floats: [Float] {
        if kind == 5 { return [float] }
        let content = content
        return stride(from: 0, to: content.count - content.count % 4, by: 4).map {
            Float(
                bitPattern: UInt32(
                    littleEndian: content.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
        }
    }

    /// The integers of a repeated field, packed or one of them.
    var integers: [Int64] {
        if kind == 0 { return [integer] }
        var (reader, found) = (WireReader(content), [Int64]())
        while reader.position < reader.bytes.count, let value = reader.variableInteger() {
            found.append(Int64(bitPattern: value))
        }
        return found
    }
}
