import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops alerts list`.
struct ListAlertsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List alerts, the newest first.",
        discussion: """
            EXAMPLES:
              mlops alerts list --severity high
              mlops alerts list --deployment digits-api --all
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    @Flag(help: "Resolved ones too.")
    var all = false

    @Option(help: ArgumentHelp("At least so grave.", valueName: "severity"))
    var severity = Choice(AlertSeverity.info)

    @Option(help: ArgumentHelp("Only alerts of this project.", valueName: "slug"))
    var project: String?

    @Option(
        help: ArgumentHelp("Only alerts of this deployment.", valueName: "name or id"))
    var deployment: String?

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
        if let deployment {
            let id = try ShowDeploymentCommand.find(
                deployment, project: project, environment: nil, in: tx
            ).id
            query = query.filtered { $0.deploymentID == id }
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

extension Alert {
    /// The status, or until when it is snoozed.
    func stateText(at now: Date) -> String {
        guard status != .resolved, isSnoozed(at: now), let snoozedUntil else {
            return status.rawValue
        }
        return "snoozed until \(Format.minute(snoozedUntil))"
    }
}
