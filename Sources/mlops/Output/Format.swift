import Foundation
import MLOpsCore

/// Formats values for people.
enum Format {
    /// The text for a missing value.
    static let none = "-"

    /// The time in UTC to the second, as in `2026-01-05 08:00:00`.
    static func time(_ date: Date?) -> String {
        guard let date else { return none }
        return date.formatted(.iso8601).replacing("T", with: " ").replacing("Z", with: "")
    }

    /// The time in UTC to the minute, as in `2026-01-05 08:00`.
    static func minute(_ date: Date?) -> String {
        date == nil ? none : String(time(date).prefix(16))
    }

    /// A duration, as in `1.5 s`, `3 m 20 s`, `2 h 5 m`.
    static func duration(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return none }
        if seconds < 1 { return "\(number(seconds * 1000, digits: 3)) ms" }
        if seconds < 60 { return "\(number(seconds, digits: 3)) s" }
        let whole = Int(min(seconds, 1e12))
        if whole < 3600 { return "\(whole / 60) m \(whole % 60) s" }
        if whole < 86_400 { return "\(whole / 3600) h \(whole % 3600 / 60) m" }
        return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }

    /// A number with `digits` significant digits, without trailing zeros.
    static func number(_ value: Double?, digits: Int = 5) -> String {
        guard let value else { return none }
        guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "inf" : "-inf" }
        return String(format: "%.\(digits)g", value)
    }

    /// A number of bytes, as in `1.5 MiB`.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if abs(value) < 1024 { return "\(number(value, digits: 4)) \(unit)" }
            value /= 1024
        }
        return "\(number(value, digits: 4)) TiB"
    }

    /// A number of things, as in `1 row` and `2 rows`.
    static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// The members of a JSON object in one line, sorted by name.
    static func pairs(_ members: [String: JSONValue], separator: String = " ") -> String {
        members.sorted { $0.key < $1.key }.map { $0.key + separator + json($0.value) }
            .joined(separator: ", ")
    }

    /// A JSON value in one line: a string as it is, anything else as JSON.
    static func json(_ value: JSONValue?) -> String {
        switch value {
        case nil: none
        case .null: "null"
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): number(value, digits: 6)
        case .string(let value): value
        case .array(let values): "[\(values.map { json($0) }.joined(separator: ", "))]"
        case .object(let members): "{\(pairs(members, separator: ": "))}"
        }
    }
}
