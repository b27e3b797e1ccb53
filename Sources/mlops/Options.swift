import ArgumentParser
import Foundation

/// The options of every command.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database: a file, or a postgresql:// URL (default: $MLOPS_DATABASE).",
            valueName: "path or URL"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "A PostgreSQL role that may cross organizations (default: $MLOPS_SYSTEM_DATABASE, "
                + "or the database's own).", valueName: "URL"))
    var systemDatabase: String?

    @Flag(help: "Write JSON: sorted keys, ISO 8601 times, snake case as in the schema.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "How long to wait for another process's write.", valueName: "seconds"))
    var timeout = 60.0

    func validate() throws {
        guard timeout >= 0, timeout <= 86_400 else {
            throw ValidationError("--timeout takes 0 to 86400 seconds.")
        }
    }

    /// The URL for system access, which only a server's database has.
    var systemURL: String? {
        let url = systemDatabase ?? ProcessInfo.processInfo.environment["MLOPS_SYSTEM_DATABASE"]
        return url.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The path or URL of the database, from the option or the environment.
    ///
    /// - Throws: `Failure` for no text, and for one that names no database.
    func path() throws -> String {
        let path = database ?? ProcessInfo.processInfo.environment["MLOPS_DATABASE"] ?? ""
        guard path.contains(where: { !$0.isWhitespace }) else {
            throw Failure(
                .usage, "no database; give --database PATH, or a URL, or set MLOPS_DATABASE")
        }
        return try Database.checked(path)
    }
}

/// A command on a database, which writes JSON when it is asked to.
protocol ReportingCommand: AsyncParsableCommand {
    var options: GlobalOptions { get }
}

extension ReportingCommand {
    /// Writes valid JSON when a command has found nothing: an empty list, or null for one row.
    func reportAbsence() {
        guard options.json else { return }
        Output.line(Self.configuration.commandName == "list" ? "[]" : "null")
    }
}

/// The organization that a command works in.
struct TenantOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The organization (default: `local`, or the only one there is).",
            valueName: "slug"))
    var organization: String?
}

/// The organization that a command changes something in, and who does.
struct ActingOptions: ParsableArguments {
    @OptionGroup var tenant: TenantOptions

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "The member who acts (default: an owner of the organization).", valueName: "email"))
    var actor: String?
}

/// One of the words of an enumeration, such as a stage; with `-` or `_` between its parts.
struct Choice<Value: RawRepresentable & CaseIterable & Sendable>: ExpressibleByArgument, Sendable
where Value.RawValue == String {
    let value: Value

    init(_ value: Value) { self.value = value }

    init?(argument: String) {
        let value = Value(rawValue: argument)
        guard let value = value ?? Value(rawValue: argument.replacing("-", with: "_")) else {
            return nil
        }
        self.value = value
    }

    static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
    var defaultValueDescription: String { value.rawValue }
}

/// How many rows a list shows.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The most rows to show, 1 to 10000.", valueName: "count"))
    var limit = 20

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit takes 1 to 10000.")
        }
    }
}
