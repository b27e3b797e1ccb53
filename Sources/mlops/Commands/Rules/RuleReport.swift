import Foundation
import MLOpsCore

/// A rule with the names of its channel, project and deployment.
struct RuleReport: SwitchReport {
    let rule: NotificationRule
    let channel: String
    let project: String?
    let deployment: String?

    private enum CodingKeys: String, CodingKey { case channel, project, deployment }

    init(_ rule: NotificationRule, in tx: any Transaction) throws {
        self.rule = rule
        channel =
            try tx.notificationChannels.findIfExists(rule.channelID)?.name
            ?? ShortID.text(rule.channelID)
        project = try rule.projectID.map {
            try tx.projects.findIfExists($0)?.slug ?? ShortID.text($0)
        }
        deployment = try rule.deploymentID.map {
            try tx.deployments.findIfExists($0)?.name ?? ShortID.text($0)
        }
    }

    /// Encodes the members of the rule and the names in one object.
    func encode(to encoder: any Encoder) throws {
        try rule.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(channel, forKey: .channel)
        try container.encodeIfPresent(project, forKey: .project)
        try container.encodeIfPresent(deployment, forKey: .deployment)
    }

    func summary(at now: Date) -> String {
        "\(rule.name): \(rule.triggerType.rawValue) to \(channel), \(state(at: now))"
    }

    /// Whether it fires for anything, in one cell.
    func state(at now: Date) -> String {
        guard rule.isActive else { return "off" }
        guard rule.conditions.damaged == nil else { return "damaged" }
        guard let end = rule.conditions.mutedUntil, end > now else { return "on" }
        return "muted until \(Format.minute(end))"
    }

    /// What an alert must match, each condition as its option.
    var conditionText: String {
        let conditions = rule.conditions
        guard conditions.damaged == nil else { return "nothing: it cannot be read" }
        var parts: [String] = []
        func add(_ name: String, _ values: some Sequence<String>) {
            parts += values.sorted().map { "\(name) \($0)" }
        }
        if conditions.minimumSeverity != .info {
            parts.append("severity \(conditions.minimumSeverity.rawValue)")
        }
        add("type", conditions.alertTypes.map(\.rawValue))
        add("metric", conditions.metrics)
        add("environment", conditions.environments.map(\.rawValue))
        add("status", conditions.statuses)
        add("label", conditions.labels.map { "\($0.key)=\($0.value)" })
        return parts.isEmpty ? "everything" : parts.joined(separator: ", ")
    }
}
