import ArgumentParser
import MLOpsCore

/// The command `mlops alerts`.
struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Alerts: raise, show and handle them.",
        subcommands: [
            ListAlertsCommand.self, ShowAlertCommand.self, RaiseAlertCommand.self,
            AcknowledgeAlertCommand.self, SnoozeAlertCommand.self, CommentAlertCommand.self,
            ResolveAlertCommand.self,
        ])
}

extension Alert: NamedRecord {
    static let noun = "alert"
    var shownName: String { ShortID.text(id) }
    // An alert is named by its id, or by its fingerprint while it is unresolved.
    static func isNamed(_ name: String) -> Filter<Alert> {
        columns.fingerprint == name && columns.status != .resolved
    }
    func distinction(in tx: any Transaction) throws -> String {
        "\(title), \(status.rawValue), \(Format.time(triggeredAt))"
    }
}

/// The alert that a command handles.
struct AlertOptions: ParsableArguments {
    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(
        help: "The alert's id, four or more characters at either end of it, or its fingerprint.")
    var alert: String

    /// Changes the alert, and writes what was done and what the alert is about.
    func change(
        _ body: @escaping @Sendable (any Transaction, Alert, Workspace) throws -> (String, Alert)
    ) async throws {
        let (done, changed) = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [self] tx in
                try body(tx, Alert.find(alert, in: tx), workspace)
            }
        }
        if options.json { return try Output.json(changed) }
        Output.line("\(done) \(ShortID.text(changed.id)) \(changed.title)")
    }

    /// Changes the alert, and writes that this was done.
    func change(
        _ done: String,
        _ body: @escaping @Sendable (any AlertRepository, Identifier<Alert>) throws -> Alert
    ) async throws {
        try await change { tx, alert, _ in (done, try body(tx.alerts, alert.id)) }
    }
}
