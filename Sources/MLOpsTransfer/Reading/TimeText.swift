import Foundation

/// Reads times as text: ISO 8601, or a number since 1970 UTC.
///
/// A number below 10^11 counts seconds, below 10^14 milliseconds, below 10^17 microseconds, and
/// above nanoseconds, whatever its sign. ISO 8601 without a zone is UTC. Both keep microseconds
/// exactly.
enum TimeText {
    static func date(_ text: some StringProtocol) -> Date? {
        var text = Array(text.utf8)[...]
        while text.first == 0x20 { text.removeFirst() }
        while text.last == 0x20 { text.removeLast() }
        return number(text) ?? calendar(text)
    }

    /// The time at a number of microseconds after 1970.
    static func date(microseconds: Int64) -> Date {
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return Date(
            timeIntervalSinceReferenceDate: Double(whole - 978_307_200) + Double(rest) / 1_000_000)
    }

    /// The time at a number of milliseconds after 1970; `nil` beyond the years of a store.
    static func date(milliseconds: Int64) -> Date? {
        guard milliseconds.magnitude < 1 << 52 else { return nil }
        return date(microseconds: milliseconds * 1000)
    }

    // MARK: Numbers

    private static func number(_ text: ArraySlice<UInt8>) -> Date? {
        var digits = text
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        guard let first = digits.first, (0x30...0x39).contains(first) else { return nil }
        let whole = digits.prefix { (0x30...0x39).contains($0) }
        let fraction = digits.dropFirst(whole.count)
        let decimals = fraction.dropFirst()
        guard fraction.isEmpty || fraction.first == UInt8(ascii: "."),
            decimals.allSatisfy({ (0x30...0x39).contains($0) })
        else { return scientific(text) }
        guard let count = Int64(String(decoding: whole, as: UTF8.self)) else { return nil }
        let (perUnit, unit) = scale(count)
        var micros: Int64
        if perUnit > 0 {
            micros = count * perUnit + rounded(decimals, perUnit)
        } else {
            // Without an overflow near the largest number.
            micros = count / unit + (count % unit >= unit / 2 ? 1 : 0)
        }
        if isNegative { micros = -micros }
        return date(microseconds: micros)
    }

    /// How many microseconds a unit has, or else how many units a microsecond has.
    private static func scale(_ count: Int64) -> (Int64, Int64) {
        switch count {
        case ..<100_000_000_000: (1_000_000, 1)
        case ..<100_000_000_000_000: (1000, 1)
        case ..<100_000_000_000_000_000: (1, 1)
        default: (0, 1000)
        }
    }

    /// A decimal fraction of a unit, in whole microseconds.
    private static func rounded(_ decimals: ArraySlice<UInt8>, _ perUnit: Int64) -> Int64 {
        var (value, scale) = (Int64(0), Int64(1))
        for digit in decimals.prefix(9) {
            value = value * 10 + Int64(digit - 0x30)
            scale *= 10
        }
        return (value * perUnit + scale / 2) / scale
    }

    private static func scientific(_ text: ArraySlice<UInt8>) -> Date? {
        let text = String(decoding: text, as: UTF8.self)
        guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }),
            let value = Double(text), value.magnitude < 1e18,
            let whole = Int64(exactly: value.magnitude.rounded(.down))
        else { return nil }
        let (perUnit, unit) = scale(whole)
        let micros = perUnit > 0 ? value * Double(perUnit) : value / Double(unit)
        return date(microseconds: Int64(micros.rounded()))
    }

    // MARK: ISO 8601

    private static func calendar(_ text: ArraySlice<UInt8>) -> Date? {
        var rest = text
        guard let year = take(4, &rest), skip("-", &rest), let month = take(2, &rest),
            skip("-", &rest), let day = take(2, &rest), (1...12).contains(month), year >= 1,
            (1...length(of: month, in: year)).contains(day)
        else { return nil }
        var micros = Int64(days(year, month, day)) * 86_400_000_000
        if rest.isEmpty { return date(microseconds: micros) }
        guard skip("T", &rest) || skip("t", &rest) || skip(" ", &rest), let hour = take(2, &rest),
            skip(":", &rest), let minute = take(2, &rest), hour < 24, minute < 60
        else { return nil }
        var second = 0
        if skip(":", &rest) {
            guard let found = take(2, &rest), found < 61 else { return nil }
            second = found
            if skip(".", &rest) || skip(",", &rest) {
                let decimals = rest.prefix { (0x30...0x39).contains($0) }
                guard !decimals.isEmpty else { return nil }
                micros += rounded(decimals, 1_000_000)
                rest = rest.dropFirst(decimals.count)
            }
        }
        micros += Int64(hour * 3600 + minute * 60 + second) * 1_000_000
        guard let zone = zone(rest) else { return nil }
        return date(microseconds: micros - Int64(zone) * 60_000_000)
    }

    /// The minutes that a zone is ahead of UTC.
    private static func zone(_ text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        if rest.isEmpty || rest.elementsEqual("Z".utf8) || rest.elementsEqual("z".utf8) { return 0 }
        let isBehind = rest.first == UInt8(ascii: "-")
        guard skip("-", &rest) || skip("+", &rest), let hours = take(2, &rest), hours < 24 else {
            return nil
        }
        _ = skip(":", &rest)
        let minutes = rest.isEmpty ? 0 : take(2, &rest)
        guard let minutes, minutes < 60, rest.isEmpty else { return nil }
        return (hours * 60 + minutes) * (isBehind ? -1 : 1)
    }

    private static func take(_ count: Int, _ text: inout ArraySlice<UInt8>) -> Int? {
        guard text.count >= count else { return nil }
        var value = 0
        for digit in text.prefix(count) {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        text = text.dropFirst(count)
        return value
    }

    private static func skip(_ character: Unicode.Scalar, _ text: inout ArraySlice<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: character) else { return false }
        text = text.dropFirst()
        return true
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to a day of the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Years that begin in March, so that the leap day is the last one.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
