import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops alerts list`.
struct ListAlertsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List alerts, the newest first.",
        discussion: "EXAMPLE:\n  mlops alerts list --severity high")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    @Flag(help: "Resolved ones too.")
    var all = false

    @Option(help: ArgumentHelp("At least so grave.", valueName: "severity"))
    var severity = Choice(AlertSeverity.info)

    @Option(help: ArgumentHelp("Only alerts of this project.", valueName: "slug"))
    var project: String?

    func run() async throws {
        let (alerts, hasMore, now) = try await Database(options).workspace(tenant) { workspace in
            let (alerts, hasMore) = try await workspace.read { [self] in try load($0) }
            return (alerts, hasMore, workspace.now)
        }
        guard !alerts.isEmpty else {
            throw Failure.nothing(all ? "no alert was found" : "no unresolved alert was found")
        }
        if options.json { return try Output.json(alerts) }
        write(alerts, at: now)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func load(_ tx: any Transaction) throws -> ([Alert], Bool) {
        var query = Query<Alert>(
            where: { $0.severity >= severity.value },
            order: { [$0.triggeredAt.descending, $0.id.descending] }, limit: limit.limit)
        if !all { query = query.filtered { $0.status != .resolved } }
        if let project {
            let id = try RunFilter.project(project, in: tx).id
            query = query.filtered { $0.projectID == id }
        }
        let page = try tx.alerts.page(query)
        return (page.records, page.next != nil)
    }

    private func write(_ alerts: [Alert], at now: Date) {
        var table = TextTable([
            TextTable.Column("ID"), TextTable.Column("SEVERITY"), TextTable.Column("STATUS"),
            TextTable.Column("TIMES", isRight: true, dropOrder: 1),
            TextTable.Column("LAST", dropOrder: 2), TextTable.Column("TITLE", minimum: 20),
        ])
        for alert in alerts {
            table.add([
                ShortID.text(alert.id), alert.severity.rawValue, alert.stateText(at: now),
                String(alert.occurrences), Format.minute(alert.lastSeenAt), alert.title,
            ])
        }
        table.write()
    }
}

/// The command `mlops alerts show`.
struct ShowAlertCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an alert: what raised it, who handles it, what was said.",
        discussion: "EXAMPLE:\n  mlops alerts show 3f9a12c4")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(
        help: "The alert's id, four or more characters at either end of it, or its fingerprint.")
    var alert: String

    func run() async throws {
        let (found, names, now) = try await Database(options).workspace(tenant) { workspace in
            let (found, names) = try await workspace.read { [alert] tx in
                let found = try Alert.find(alert, in: tx)
                return (found, try Self.names(of: found, in: tx))
            }
            return (found, names, workspace.now)
        }
        if options.json { return try Output.json(found) }
        write(found, names, at: now)
    }

    /// The addresses of the users that an alert names.
    private static func names(
        of alert: Alert, in tx: any Transaction
    ) throws -> [Identifier<User>: String] {
        let ids = [alert.raisedBy, alert.acknowledgedBy, alert.resolvedBy].compactMap(\.self)
        let users = try tx.users.all(where: { $0.id.isIn(ids + alert.comments.map(\.userID)) })
        return Dictionary(uniqueKeysWithValues: users.map { ($0.id, $0.email) })
    }

    private func write(_ alert: Alert, _ names: [Identifier<User>: String], at now: Date) {
        func name(_ id: Identifier<User>) -> String { names[id] ?? ShortID.text(id) }
        func handled(_ date: Date?, _ user: Identifier<User>?) -> String? {
            date.map { "\(Format.time($0)) by \(user.map(name) ?? Format.none)" }
        }
        Fields.write([
            "alert": alert.title,
            "id": alert.id.description,
            "severity": alert.severity.rawValue,
            "type": alert.alertType.rawValue,
            "status": alert.stateText(at: now),
            "message": alert.message.isEmpty ? nil : alert.message,
            "context": alert.context == [:] ? nil : Format.pairs(alert.context.object ?? [:]),
            "fingerprint": alert.fingerprint,
            "raised": "\(Format.time(alert.triggeredAt)) by "
                + (alert.isAutomatic ? "a program" : alert.raisedBy.map(name) ?? Format.none),
            "last": "\(Format.time(alert.lastSeenAt)), \(Format.count(alert.occurrences, "time"))",
            "acknowledged": handled(alert.acknowledgedAt, alert.acknowledgedBy),
            "resolved": handled(alert.resolvedAt, alert.resolvedBy),
        ])
        if !alert.comments.isEmpty { Output.line() }
        for comment in alert.comments {
            Output.line("\(Format.minute(comment.date)) \(name(comment.userID)): \(comment.text)")
        }
    }
}

extension Alert {
    /// The status, or until when it is snoozed.
    fileprivate func stateText(at now: Date) -> String {
        guard status != .resolved, isSnoozed(at: now), let snoozedUntil else {
            return status.rawValue
        }
        return "snoozed until \(Format.minute(snoozedUntil))"
    }
}
