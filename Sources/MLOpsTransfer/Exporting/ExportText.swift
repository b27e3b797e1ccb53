public import Foundation
public import MLOpsCore

/// Times, numbers and records as text, as exports and the tool write them.
public enum ExportText {
    /// The time in UTC to the microsecond, as in `2026-01-05T08:00:00.000000Z`.
    public static func iso8601(_ date: Date) -> String {
        var bytes = ExportBytes()
        bytes.append(date)
        return String(decoding: bytes.bytes, as: UTF8.self)
    }

    /// A number with all its digits, or `NaN`, `Infinity`, `-Infinity`.
    ///
    /// A whole number has no point, but for `-0.0`.
    public static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "Infinity" : "-Infinity" }
        return Int64(exactly: value).map { value.sign == .minus && $0 == 0 ? "-0.0" : String($0) }
            ?? "\(value)"
    }

    /// The text of a cell: that of a string, a number with all its digits, anything else as JSON.
    public static func cell(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .double(let number): Self.number(number)
        default: value.description
        }
    }

    /// One record of comma-separated values (RFC 4180), which ends with a line feed.
    ///
    /// Fields with commas, quotes or line breaks are quoted; nothing else is changed.
    public static func csvLine(_ fields: [String]) -> String {
        var bytes = ExportBytes()
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(csv: field)
        }
        bytes.append(UInt8(ascii: "\n"))
        return String(decoding: bytes.bytes, as: UTF8.self)
    }

    /// A record as JSON: sorted keys in snake case, times as text, no number that JSON lacks.
    ///
    /// Characters that control a terminal are escaped.
    ///
    /// - Throws: What the value's encoding throws.
    public static func json(_ value: some Encodable, inOneLine: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !inOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: number(.infinity), negativeInfinity: number(-.infinity),
            nan: number(.nan))
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(iso8601(date))
        }
        return escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// A JSON document with escapes for the characters that control a terminal.
    ///
    /// An encoder escapes those of ASCII alone, and some terminals obey the others too.
    public static func escaped(_ json: String) -> String {
        // The encoder itself breaks lines.
        func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
            scalar != "\n" && controlsTerminal(scalar)
        }
        guard json.unicodeScalars.contains(where: isUnsafe) else { return json }
        var scalars = String.UnicodeScalarView()
        for scalar in json.unicodeScalars {
            guard isUnsafe(scalar) else {
                scalars.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            let padding = String(repeating: "0", count: 4 - digits.count)
            scalars.append(contentsOf: "\\u\(padding)\(digits)".unicodeScalars)
        }
        return String(scalars)
    }

    /// Whether a terminal may obey the character: control characters, line separators, and controls
    /// of the writing direction.
    public static func controlsTerminal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
