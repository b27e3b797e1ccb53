/// How numbers are written in a file of metrics.
enum CSVNumber {
    /// A value, no value, or neither.
    enum Value: Equatable {
        case number(Double)
        case missing
        case text
    }

    private static let words: [String: Value] = [
        "": .missing, "na": .missing, "n/a": .missing, "null": .missing, "none": .missing,
        "nan": .number(.nan), "+nan": .number(.nan), "-nan": .number(.nan),
        "inf": .number(.infinity), "+inf": .number(.infinity), "-inf": .number(-.infinity),
        "infinity": .number(.infinity), "+infinity": .number(.infinity),
        "-infinity": .number(-.infinity),
    ]

    /// Reads a value: a decimal number, or one of the words, in upper or lower case.
    static func value(_ bytes: ArraySlice<UInt8>) -> Value {
        var bytes = bytes
        while bytes.first == 0x20 || bytes.first == 0x09 { bytes.removeFirst() }
        while bytes.last == 0x20 || bytes.last == 0x09 { bytes.removeLast() }
        if bytes.isEmpty { return .missing }
        let text = String(decoding: bytes, as: UTF8.self)
        // Swift also reads hexadecimal numbers and NaN with a payload.
        let isPlain = bytes.allSatisfy { (0x2B...0x39).contains($0) || $0 | 0x20 == 0x65 }
        if isPlain, let number = Double(text) { return .number(number) }
        return words[text.lowercased()] ?? .text
    }

    /// Reads a step: a whole number, also as `3.0` or `1e3`.
    static func step(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let text = String(decoding: bytes, as: UTF8.self).trimmed
        if let step = Int64(text) { return step }
        guard case .number(let value) = value(bytes), value.magnitude < 0x1p53 else { return nil }
        return Int64(exactly: value)
    }
}
