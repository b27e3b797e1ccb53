public import Foundation

extension Filter where Record == ExperimentRun {
    /// A filter of runs from its text.
    ///
    /// ```swift
    /// let filter = try Filter<ExperimentRun>(
    ///     parsing: "metrics.loss.min < 0.2 and not tags.team = 'vision'")
    /// ```
    ///
    /// The grammar, with keywords in any case:
    ///
    /// ```
    /// filter  = and-part { "or" and-part }
    /// and-part = part { "and" part }
    /// part    = "not" part | "(" filter ")" | test
    /// test    = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
    ///         | field [ "not" ] "in" "(" value { "," value } ")"
    ///         | field [ "not" ] ( "like" | "ilike" | "contains" ) value
    ///         | field "is" [ "not" ] "null"
    /// field   = word { "." ( word | text ) }
    /// value   = text | number | time | word
    /// text    = characters in ' or ", where the quote is written twice or after a backslash
    /// ```
    ///
    /// - `metrics.NAME` is the last value of a metric; `.min`, `.max`, `.step`, `.count` and
    ///   `.last` are its figures. A metric whose name ends so is quoted: `metrics."loss.min"`.
    /// - `params.a.b` is the parameter `b` inside `a`, and also one whose key is `a.b`. A value
    ///   equals a number, a text or a truth value that is written so. With `<` and the like, quotes
    ///   make a text of a number. `environment.NAME` likewise.
    /// - `tags.NAME` is a text. `artifacts.NAME is not null` asks for an artifact.
    /// - `id`, `name`, `status`, `experiment` (by name), `experiment_id`, `project` (by name or
    ///   slug), `parent` (an id), `started`, `ended`, `created`, `updated`, `heartbeat`, `duration`
    ///   (in seconds, or as `15m`), `created_by` (an id or an e-mail address), `error`, `note`,
    ///   `group` and `early_stopped` are attributes, also as `attributes.NAME`.
    /// - A time is a day or a time in ISO 8601, in UTC without a zone, or `now`, `today` or a span
    ///   before now, such as `-7d`; the units are s, m, h, d and w.
    /// - `like` takes `%` and `_` and ignores the case of ASCII letters, as `ilike` does;
    ///   `contains` asks for a part of a text or an element of a list.
    /// - A word without quotes is a text. A missing value differs from every value.
    ///
    /// - Parameters:
    ///   - text: The filter, at most 10,000 characters, nested at most 16 deep.
    ///   - now: The time that spans count from.
    /// - Throws: `.invalidValue` with the place of the first mistake, and what was expected there.
    public init(parsing text: String, now: Date = Date()) throws {
        var parser = try FilterParser(text)
        self = try RunVocabulary(now: now).filter(try parser.filter())
    }
}

extension Array where Element == Order<ExperimentRun> {
    /// An order of runs from its text: fields, each with `asc` or `desc`, separated by commas.
    ///
    /// ```swift
    /// let order = try [Order<ExperimentRun>](parsing: "metrics.loss.min, started desc")
    /// ```
    ///
    /// The fields are `metrics.NAME` with its figures, `params.NAME`, `name`, `status`, `started`,
    /// `ended`, `created`, `updated`, `duration` and `id`, written as in
    /// ``Filter/init(parsing:now:)``.
    ///
    /// - Throws: `.invalidValue` with the place of the first mistake, and what was expected there.
    public init(parsing text: String) throws {
        var parser = try FilterParser(text)
        let vocabulary = RunVocabulary(now: Date())
        self = try parser.order().map { try vocabulary.order($0.field, descends: $0.descends) }
    }
}
