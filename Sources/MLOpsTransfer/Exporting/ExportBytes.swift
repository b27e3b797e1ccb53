import Foundation

/// The bytes of an export, made without a text for each row.
struct ExportBytes: Sendable {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    mutating func append(_ number: Double) { append(ExportText.number(number)) }

    mutating func append(_ number: Int64) { append(String(number)) }

    /// Appends a field of a CSV file, in quotes if it needs them.
    mutating func append(csv text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
                && byte != UInt8(ascii: "\r")
        }
        guard !isPlain else { return append(text) }
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a time in UTC to the microsecond, as `2026-01-05T08:00:00.000000Z`.
    mutating func append(_ date: Date) {
        let since = date.timeIntervalSinceReferenceDate
        var whole = since.rounded(.down)
        var micros = Int(((since - whole) * 1_000_000).rounded())
        if micros == 1_000_000 {
            whole += 1
            micros = 0
        }
        let seconds = Int(whole) + Self.referenceSeconds
        let day = seconds.flooredQuotient(by: 86_400)
        let (year, month, dayOfMonth) = Self.civil(day)
        let time = seconds - day * 86_400
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 27) { text in
            var end = 0
            func put(_ number: Int, _ digits: Int, then sign: Unicode.Scalar) {
                var rest = number
                for place in (end..<end + digits).reversed() {
                    text[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
                    rest /= 10
                }
                text[end + digits] = UInt8(ascii: sign)
                end += digits + 1
            }
            put(year, 4, then: "-")
            put(month, 2, then: "-")
            put(dayOfMonth, 2, then: "T")
            put(time / 3600, 2, then: ":")
            put(time / 60 % 60, 2, then: ":")
            put(time % 60, 2, then: ".")
            put(micros, 6, then: "Z")
            bytes.append(contentsOf: text)
        }
    }

    /// The seconds from 1970 to 2001.
    private static let referenceSeconds = 978_307_200

    /// The day of the Gregorian calendar that is a number of days after 1970-01-01.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        // Years that begin in March, so that the leap day is the last one; 400 of them are an era.
        let shifted = day + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}

extension Int {
    /// The quotient, rounded down; the divisor is positive.
    fileprivate func flooredQuotient(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
