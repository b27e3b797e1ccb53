import ArgumentParser
import MLOpsCore

/// A duration as people type it: `90d`, `24h`, `30m` or `45s`.
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration
    private let text: String

    init?(argument: String) {
        let units = ["d": 86_400, "h": 3600, "m": 60, "s": 1]
        guard let unit = argument.last.flatMap({ units[String($0)] }),
            let count = Int(argument.dropLast()), (0...Self.longest / unit).contains(count)
        else { return nil }
        duration = .seconds(count * unit)
        text = argument
    }

    var seconds: Int { Int(duration.components.seconds) }

    var defaultValueDescription: String { text }

    /// A hundred years, in seconds.
    private static let longest = 36_500 * 86_400
}

/// When something ends: after a duration, or `never`.
struct Expiry: ExpressibleByArgument {
    let duration: Duration?
    private let text: String

    init?(argument: String) {
        let span = TimeSpan(argument: argument)
        guard argument == "never" || span != nil else { return nil }
        duration = span?.duration
        text = argument
    }

    var defaultValueDescription: String { text }

    /// The default for keys.
    static let usual = Expiry(90)

    private init(_ days: Int) {
        duration = .seconds(days * 86_400)
        text = "\(days)d"
    }
}

/// A resource and the actions on it, `models=read,write`; `*` stands for all of them.
struct Scope {
    let resource: String
    let actions: [String]

    /// Parses the argument of the option.
    ///
    /// - Throws: `ValidationError` that lists the tables or the actions that exist.
    init(_ argument: String) throws {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ValidationError("A scope is a table and its actions, such as models=read,write.")
        }
        resource = String(parts[0])
        actions = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        do {
            try APIKeyPermissions(scopes: [resource: actions]).checkScopes()
        } catch let error as StoreError {
            throw ValidationError(error.message)
        }
    }
}
