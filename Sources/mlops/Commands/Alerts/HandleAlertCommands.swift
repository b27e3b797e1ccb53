import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops alerts raise`.
struct RaiseAlertCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "raise",
        abstract: "Raise an alert, or count up the unresolved one of its fingerprint.",
        discussion: """
            EXAMPLES:
              mlops alerts raise --title 'Disk is full' --severity high
              mlops alerts raise --title 'Errors' --severity critical --deployment api
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Option(help: ArgumentHelp("What happened, in one line.", valueName: "text"))
    var title: String

    @Option(help: ArgumentHelp("How grave it is.", valueName: "severity"))
    var severity: Choice<AlertSeverity>

    @Option(help: ArgumentHelp("What it is about.", valueName: "type"))
    var type = Choice(AlertType.custom)

    @Option(help: ArgumentHelp("What happened, in full.", valueName: "text"))
    var message = ""

    @Option(help: ArgumentHelp("The deployment it is about.", valueName: "name or id"))
    var deployment: String?

    @Option(help: ArgumentHelp("The project (default: the deployment's).", valueName: "slug"))
    var project: String?

    @Option(
        help: ArgumentHelp(
            "What makes alerts the same (default: type, deployment and title).",
            valueName: "text"))
    var fingerprint: String?

    func run() async throws {
        let alert = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [self] tx in
                let deployment = try deployment.map {
                    try ShowDeploymentCommand.find($0, project: project, environment: nil, in: tx)
                }
                return try tx.alerts.raise(
                    Alert(
                        project: project.map { try RunFilter.project($0, in: tx).id },
                        deployment: deployment?.id, alertType: type.value,
                        severity: severity.value, title: title, message: message,
                        fingerprint: fingerprint))
            }
        }
        if options.json { return try Output.json(alert) }
        let count = alert.occurrences == 1 ? "" : ", \(alert.occurrences) times by now"
        Output.line("raised \(ShortID.text(alert.id)) \(alert.title)\(count)")
    }
}

/// The command `mlops alerts ack`.
struct AcknowledgeAlertCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Take an alert on.",
        discussion: "EXAMPLE:\n  mlops alerts ack 3f9a12c4 --as ada@example.com")

    @OptionGroup var target: AlertOptions

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await target.change { tx, alert, workspace in
            let taken = try tx.alerts.acknowledge(alert.id)
            // Two people must not both believe that it is theirs.
            guard let holder = taken.acknowledgedBy, holder != workspace.principal.userID else {
                return ("acknowledged", taken)
            }
            let name = try tx.users.findIfExists(holder)?.email ?? ShortID.text(holder)
            let time = Format.minute(taken.acknowledgedAt)
            return ("acknowledged before, by \(name) at \(time) UTC:", taken)
        }
    }
}

/// The command `mlops alerts resolve`.
struct ResolveAlertCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Note that an alert is over.",
        discussion: "EXAMPLE:\n  mlops alerts resolve 3f9a12c4")

    @OptionGroup var target: AlertOptions

    var options: GlobalOptions { target.options }

    func run() async throws { try await target.change("resolved") { try $0.resolve($1) } }
}

/// The command `mlops alerts snooze`.
struct SnoozeAlertCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "snooze",
        abstract: "Keep an alert quiet for a while; what is graver still opens it.",
        discussion: """
            EXAMPLES:
              mlops alerts snooze 3f9a12c4 --for 2h
              mlops alerts snooze 3f9a12c4 --end
            """)

    @OptionGroup var target: AlertOptions

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long, as 30m, 2h or 7d.", valueName: "time"))
    var span: TimeSpan?

    @Flag(help: "End the snooze.")
    var end = false

    var options: GlobalOptions { target.options }

    func validate() throws {
        guard (span == nil) == end else { throw ValidationError("Give --for or --end.") }
    }

    func run() async throws {
        try await target.change { [span] tx, alert, workspace in
            let until = span.map { workspace.now.addingTimeInterval(Double($0.seconds)) }
            let done = until.map { "snoozed until \(Format.minute($0)) UTC:" } ?? "woke"
            return (done, try tx.alerts.snooze(alert.id, until: until))
        }
    }
}

/// The command `mlops alerts comment`.
struct CommentAlertCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "comment",
        abstract: "Write something about an alert.",
        discussion: "EXAMPLE:\n  mlops alerts comment 3f9a12c4 'the disk was full'")

    @OptionGroup var target: AlertOptions

    @Argument(help: "The comment.")
    var text: String

    var options: GlobalOptions { target.options }

    func run() async throws {
        try await target.change("commented on") { [text] in try $0.comment($1, text) }
    }
}
