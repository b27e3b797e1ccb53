import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops rules list`.
struct ListRulesCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List rules with their channels and what an alert must match.",
        discussion: "EXAMPLE:\n  mlops rules list --channel oncall")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var limit: LimitOptions

    @Option(help: ArgumentHelp("Only rules that send there.", valueName: "name or id"))
    var channel: String?

    func run() async throws {
        let (rules, hasMore, now) = try await Database(options).workspace(tenant) { workspace in
            let (rules, hasMore) = try await workspace.read { [self] in try load($0) }
            return (rules, hasMore, workspace.now)
        }
        guard !rules.isEmpty else { throw Failure.nothing("no rule was found") }
        if options.json { return try Output.json(rules) }
        write(rules, at: now)
        if hasMore { Output.line("there are more; raise --limit") }
    }

    private func load(_ tx: any Transaction) throws -> ([RuleReport], Bool) {
        var query = Query<NotificationRule>(
            order: { [$0.name.ascending, $0.id.ascending] }, limit: limit.limit)
        if let channel {
            let id = try NotificationChannel.find(channel, in: tx).id
            query = query.filtered { $0.channelID == id }
        }
        let page = try tx.notificationRules.page(query)
        return (try page.map { try RuleReport($0, in: tx) }, page.next != nil)
    }

    private func write(_ rules: [RuleReport], at now: Date) {
        var table = TextTable([
            TextTable.Column("ID", dropOrder: 1), TextTable.Column("NAME", minimum: 12),
            TextTable.Column("CHANNEL", minimum: 8), TextTable.Column("TRIGGER", dropOrder: 2),
            TextTable.Column("STATE"), TextTable.Column("PROJECT", minimum: 8, dropOrder: 3),
            TextTable.Column("MATCHES", minimum: 12),
        ])
        for report in rules {
            table.add([
                ShortID.text(report.rule.id), report.rule.name, report.channel,
                report.rule.triggerType.rawValue, report.state(at: now),
                report.project ?? Format.none, report.conditionText,
            ])
        }
        table.write()
    }
}

/// The command `mlops rules show`.
struct ShowRuleCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a rule: what an alert must match, where it goes, how often.",
        discussion: "EXAMPLE:\n  mlops rules show grave")

    @OptionGroup var target: RecordOptions<NotificationRule>

    var options: GlobalOptions { target.options }

    func run() async throws {
        let (report, now) = try await Database(options).workspace(target.acting) { workspace in
            let report = try await workspace.read { [target] in
                try RuleReport(target.find(in: $0), in: $0)
            }
            return (report, workspace.now)
        }
        if options.json { return try Output.json(report) }
        write(report, at: now)
    }

    private func write(_ report: RuleReport, at now: Date) {
        let rule = report.rule
        let conditions = rule.conditions
        func list(_ values: some Sequence<String>) -> String? {
            let text = values.sorted().joined(separator: ", ")
            return text.isEmpty ? nil : text
        }
        Fields.write([
            "rule": rule.name,
            "id": rule.id.description,
            "channel": report.channel,
            "trigger": rule.triggerType.rawValue,
            "state": report.state(at: now),
            "project": report.project,
            "deployment": report.deployment,
            "conditions": conditions.damaged.map { "cannot be read: \(Format.json($0))" },
            "severity": conditions.damaged == nil
                ? "\(conditions.minimumSeverity.rawValue) or graver" : nil,
            "types": list(conditions.alertTypes.map(\.rawValue)),
            "metrics": list(conditions.metrics),
            "environments": list(conditions.environments.map(\.rawValue)),
            "statuses": list(conditions.statuses),
            "labels": list(conditions.labels.map { "\($0.key)=\($0.value)" }),
            "cooldown": Format.duration(Double(rule.cooldownSeconds)),
            "reminder": conditions.reminderSeconds.map { "after \(Format.duration($0))" },
            "resolved": conditions.tellsResolution ? "told" : "not told",
            "added": Format.time(rule.createdAt),
            "changed": Format.time(rule.updatedAt),
        ])
    }
}
