import ArgumentParser
import Foundation

/// A time on the command line: a day, or an RFC 3339 time.
struct Moment: ExpressibleByArgument, Sendable {
    let date: Date

    init?(argument: String) {
        let forms: [Date.ISO8601FormatStyle] = [
            .iso8601.year().month().day(), .iso8601,
            Date.ISO8601FormatStyle(includingFractionalSeconds: true),
        ]
        let isDay = argument.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil
        let dates = (isDay ? forms.prefix(1) : forms.dropFirst()).lazy.compactMap {
            try? $0.parse(argument)
        }
        guard let date = dates.first else { return nil }
        self.date = date
    }
}

/// The period that a command covers.
struct PeriodOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Only at or after this time, such as 2026-01-05 or 2026-01-05T08:00:00Z.",
            valueName: "time"))
    var since: Moment?

    @Option(help: ArgumentHelp("Only before this time.", valueName: "time"))
    var until: Moment?
}
