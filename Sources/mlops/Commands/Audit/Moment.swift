import ArgumentParser
import Foundation

/// A time on the command line: a day, an RFC 3339 time, or how long ago, as `7d`.
struct Moment: Sendable {
    let date: Date

    /// Reads a day, in UTC, or a time.
    ///
    /// Foundation's own parser carries over what the calendar does not have: it takes 30 February
    /// for 2 March.
    ///
    /// - Throws: `ValidationError` that says what is wrong.
    init(_ text: String) throws {
        if let span = TimeSpan(argument: text) {
            date = Date(timeIntervalSinceNow: -Double(span.seconds))
            return
        }
        let form =
            /(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?/
            .asciiOnlyDigits()
        guard let found = text.wholeMatch(of: form)?.output else {
            throw ValidationError(
                "give a day, such as 2026-01-05, or a time, such as 2026-01-05T08:00:00Z")
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let day = DateComponents(
            calendar: calendar, timeZone: .gmt, year: Int(found.1), month: Int(found.2),
            day: Int(found.3))
        guard day.year != 0, day.isValidDate(in: calendar), let start = calendar.date(from: day)
        else { throw ValidationError("the calendar has no such day") }
        let clock = [found.4, found.5, found.6].map { $0.flatMap { Int($0) } ?? 0 }
        let zone = found.8?.count == 6 ? found.8 : nil
        let offset = [zone?.dropFirst().prefix(2), zone?.suffix(2)]
            .map { $0.flatMap { Int($0) } ?? 0 }
        guard clock[0] < 24, clock[1] < 60, clock[2] < 60, offset[0] < 24, offset[1] < 60 else {
            throw ValidationError("the day has no such time: it goes from 00:00:00 to 23:59:59")
        }
        let seconds = clock[0] * 3600 + clock[1] * 60 + clock[2]
        let east = (offset[0] * 3600 + offset[1] * 60) * (zone?.first == "-" ? -1 : 1)
        let fraction = found.7.flatMap { Double("0\($0)") } ?? 0
        date = start.addingTimeInterval(Double(seconds - east) + fraction)
    }
}

/// The period that a command covers.
struct PeriodOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Only at or after this time: 2026-01-05, 2026-01-05T08:00:00Z, or 7d ago.",
            valueName: "time"), transform: { try Moment($0) })
    var since: Moment?

    @Option(
        help: ArgumentHelp("Only before this time.", valueName: "time"),
        transform: { try Moment($0) })
    var until: Moment?

    func validate() throws {
        if let since, let until, since.date >= until.date {
            throw ValidationError("--since is not before --until, so that nothing is between them.")
        }
    }
}
