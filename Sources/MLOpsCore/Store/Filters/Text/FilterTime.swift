import Foundation

extension Date {
    /// Reads a time of a filter's text.
    ///
    /// A day (`2026-01-05`) or a time (`2026-01-05T08:00`, with seconds, a fraction and a zone if
    /// wanted), in UTC without a zone; `now`, `today` (in UTC) or a span before now (`-7d`).
    init?(filter text: String, now: Date) {
        switch text.lowercased() {
        case "now": self = now
        case "today":
            self = Date(
                timeIntervalSince1970: (now.timeIntervalSince1970 / 86400).rounded(.down) * 86400)
        default:
            if text.hasPrefix("-"), let seconds = Double(filterSpan: String(text.dropFirst())) {
                self = now.addingTimeInterval(-seconds)
            } else {
                var reader = TimeReader(text)
                guard let date = reader.date() else { return nil }
                self = date
            }
        }
    }
}

extension Double {
    /// Reads a span of time, such as `90s`, `15m`, `2h`, `7d` or `4w`, in seconds.
    init?(filterSpan text: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800]
        guard let last = text.last, let unit = units[last], text.utf8.count <= 12,
            let first = text.first, first.isASCII, first.isNumber,
            let count = Double(text.dropLast()), count.isFinite
        else { return nil }
        self = count * unit
    }
}

/// Reads a time in the form of ISO 8601, and nothing that the calendar does not have.
private struct TimeReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    private mutating func take(_ signs: String) -> Bool {
        guard let first = rest.first, signs.utf8.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        rest.removeFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    mutating func date() -> Date? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"),
            let day = digits(2), year > 0
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let components = DateComponents(
            calendar: calendar, timeZone: .gmt, year: year, month: month, day: day)
        guard components.isValidDate(in: calendar), let start = calendar.date(from: components)
        else { return nil }
        if rest.isEmpty { return start }
        guard take("Tt "), let seconds = clock(), let east = zone(), rest.isEmpty else {
            return nil
        }
        return start.addingTimeInterval(seconds - east)
    }

    private mutating func clock() -> Double? {
        guard let hour = digits(2), take(":"), let minute = digits(2), hour < 24, minute < 60 else {
            return nil
        }
        var seconds = Double(hour * 3600 + minute * 60)
        guard take(":") else { return seconds }
        guard let second = digits(2), second < 60 else { return nil }
        seconds += Double(second)
        guard take(".") else { return seconds }
        let fraction = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...9).contains(fraction.count), let part = Double("0.\(Substring(fraction))") else {
            return nil
        }
        rest.removeFirst(fraction.count)
        return seconds + part
    }

    /// The seconds that the zone is east of Greenwich.
    private mutating func zone() -> Double? {
        if rest.isEmpty || take("Zz") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("+-"), let hour = digits(2), take(":"), let minute = digits(2), hour < 24,
            minute < 60
        else { return nil }
        return Double(hour * 3600 + minute * 60) * (isWest ? -1 : 1)
    }
}
