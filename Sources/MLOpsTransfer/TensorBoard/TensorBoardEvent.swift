import Foundation

/// An event: what was logged at one step.
///
/// It borrows the bytes of its record.
struct TensorBoardEvent {
    private(set) var time = 0.0
    private(set) var step: Int64 = 0
    /// `brain.Event:2`, in the first event of a file.
    private(set) var version: String?
    /// Whether the program began, or began again, at the step.
    private(set) var isStart = false
    /// Whether it has the graph of a program.
    private(set) var hasGraph = false
    private var summary: WireReader?
    let isDamaged: Bool

    init(_ record: UnsafeRawBufferPointer) {
        var fields = WireReader(record)
        while fields.next() {
            switch fields.field {
            case 1: time = fields.double
            case 2: step = fields.integer
            case 3: version = fields.text
            case 4, 9: hasGraph = true
            case 5: summary = fields.message
            case 7:
                var session = fields.message
                while session.next() { isStart = session.field == 1 && session.integer == 1 }
            default: break
            }
        }
        isDamaged = fields.isDamaged
    }

    /// When it was logged, to the microsecond.
    var date: Date? {
        guard time.magnitude < 1e12 else { return nil }
        return TimeText.date(microseconds: Int64((time * 1_000_000).rounded()))
    }

    /// Hands each value of the summary to a body.
    func forEachValue(_ body: (TensorBoardValue) throws -> Void) rethrows {
        guard var summary else { return }
        while summary.next(1) {
            try body(TensorBoardValue(summary.content))
        }
    }
}

/// A value of a summary.
///
/// It borrows the bytes of its record.
struct TensorBoardValue {
    /// What a value is.
    enum Content {
        case scalar(Float)
        case histogram(WireReader)
        case tensor(TensorBoardTensor)
        case image(WireReader)
        case audio
        case none
    }

    private let bytes: UnsafeRawBufferPointer
    /// The bytes of the tag.
    let tag: UnsafeRawBufferPointer
    private(set) var content = Content.none
    /// The plugin that shows it, where the value says so: often only the first one of a tag does.
    private(set) var plugin: String?
    /// What the plugin keeps with it.
    private(set) var pluginContent: UnsafeRawBufferPointer?

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var fields = WireReader(bytes)
        var tag = UnsafeRawBufferPointer(start: nil, count: 0)
        while fields.next() {
            switch fields.field {
            case 1: tag = fields.content
            case 2: content = .scalar(fields.float)
            case 4: content = .image(fields.message)
            case 5: content = .histogram(fields.message)
            case 6: content = .audio
            case 8: content = .tensor(TensorBoardTensor(fields.message))
            case 9:
                var metadata = fields.message
                while metadata.next(1) {
                    var data = metadata.message
                    while data.next() {
                        if data.field == 1 { plugin = data.text }
                        if data.field == 2 { pluginContent = data.content }
                    }
                }
            default: break
            }
        }
        self.tag = tag
    }
}

/// A tensor, as far as summaries need it.
struct TensorBoardTensor {
    private let kind: Int64
    private let content: UnsafeRawBufferPointer
    private var numbers: [Double] = []
    /// The elements of a tensor of texts or bytes.
    private(set) var strings: [Data] = []
    /// The sizes of its dimensions.
    private(set) var shape: [Int64] = []

    init(_ message: WireReader) {
        var fields = message
        var kind: Int64 = 0
        var content = UnsafeRawBufferPointer(start: nil, count: 0)
        while fields.next() {
            switch fields.field {
            case 1: kind = fields.integer
            case 2:
                var dimensions = fields.message
                while dimensions.next(2) {
                    var dimension = dimensions.message
                    while dimension.next(1) {
                        shape.append(dimension.integer)
                    }
                }
            case 4: content = fields.content
            case 5: numbers += fields.floats.map { Double($0) }
            case 6: numbers += fields.doubles
            case 7, 10, 11, 16, 17: numbers += fields.integers.map { Double($0) }
            case 8: strings.append(Data(fields.content))
            case 13:
                numbers += fields.integers.map {
                    Self.half(UInt16(truncatingIfNeeded: $0), kind)
                }
            default: break
            }
        }
        self.kind = kind
        self.content = content
    }

    /// The one number of a scalar; `nil` for anything else.
    var scalar: Double? {
        let all = values
        return all.count == 1 ? all[0] : nil
    }

    /// The numbers, in the order of the tensor; empty for a kind without numbers.
    var values: [Double] {
        if content.isEmpty { return numbers }
        switch kind {
        case 1: return load(UInt32.self) { Double(Float(bitPattern: $0)) }
        case 2: return load(UInt64.self) { Double(bitPattern: $0) }
        case 3: return load(UInt32.self) { Double(Int32(bitPattern: $0)) }
        case 4, 10: return load(UInt8.self) { Double($0) }
        case 5: return load(UInt16.self) { Double(Int16(bitPattern: $0)) }
        case 6: return load(UInt8.self) { Double(Int8(bitPattern: $0)) }
        case 9: return load(UInt64.self) { Double(Int64(bitPattern: $0)) }
        case 14, 19: return load(UInt16.self) { Self.half($0, kind) }
        case 17: return load(UInt16.self) { Double($0) }
        case 22: return load(UInt32.self) { Double($0) }
        case 23: return load(UInt64.self) { Double($0) }
        default: return []
        }
    }

    private func load<Word: FixedWidthInteger>(
        _ type: Word.Type, _ number: (Word) -> Double
    ) -> [Double] {
        let size = MemoryLayout<Word>.size
        return stride(from: 0, to: content.count - content.count % size, by: size).map {
            number(Word(littleEndian: content.loadUnaligned(fromByteOffset: $0, as: Word.self)))
        }
    }

    /// A number of 16 bits: IEEE 754 half precision, or the upper half of a float (kind 14).
    private static func half(_ bits: UInt16, _ kind: Int64) -> Double {
        if kind == 14 { return Double(Float(bitPattern: UInt32(bits) << 16)) }
        let sign: Double = bits >> 15 == 1 ? -1 : 1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF) / 1024
        switch exponent {
        case 0: return sign * fraction * 0x1p-14
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default:
            let scale = Double(sign: .plus, exponent: exponent - 15, significand: 1)
            return sign * (1 + fraction) * scale
        }
    }
}
