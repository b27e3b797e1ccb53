import ArgumentParser
import Foundation
import MLOpsCore

/// The options for what an alert must match, and for how a rule tells of it.
struct RuleSettings: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The kind of event.", valueName: "trigger"))
    var trigger: Choice<NotificationTrigger>?

    @Option(help: ArgumentHelp("Alerts at least so grave.", valueName: "severity"))
    var severity: Choice<AlertSeverity>?

    @Option(help: ArgumentHelp("Alerts of this type; may be repeated.", valueName: "type"))
    var type: [Choice<AlertType>] = []

    @Option(
        help: ArgumentHelp("Alerts about this metric; may be repeated.", valueName: "name"))
    var metric: [String] = []

    @Option(
        help: ArgumentHelp(
            "Alerts of deployments in this environment; may be repeated.", valueName: "name"))
    var environment: [Choice<DeploymentEnvironment>] = []

    @Option(
        help: ArgumentHelp(
            "Events that ended so, such as failed; may be repeated.", valueName: "status"))
    var status: [String] = []

    @Option(
        help: ArgumentHelp("Alerts with this label; may be repeated.", valueName: "name=value"))
    var label: [Label] = []

    @Option(
        help: ArgumentHelp(
            "The least time between two messages about one problem; 0s for none.",
            valueName: "5m"))
    var cooldown: TimeSpan?

    @Option(
        help: ArgumentHelp("Tell an open alert again after this time.", valueName: "1h"))
    var reminder: TimeSpan?

    @Flag(
        inversion: .prefixedNo,
        help: "Tell also that an alert is resolved (default: --resolved).")
    var resolved: Bool?

    /// The conditions that the options name.
    var conditions: Set<RuleCondition> {
        let given: [(RuleCondition, Bool)] = [
            (.severity, severity != nil), (.type, !type.isEmpty), (.metric, !metric.isEmpty),
            (.environment, !environment.isEmpty), (.status, !status.isEmpty),
            (.label, !label.isEmpty), (.reminder, reminder != nil),
        ]
        return Set(given.filter(\.1).map(\.0))
    }

    /// Whether an option is kept with the conditions.
    var changesConditions: Bool { !conditions.isEmpty || resolved != nil }

    /// Whether an option says something.
    var changesSomething: Bool { changesConditions || trigger != nil || cooldown != nil }

    /// Changes what the options name, and leaves the rest.
    func apply(to rule: inout NotificationRule) {
        if let trigger { rule.triggerType = trigger.value }
        if let cooldown { rule.cooldownSeconds = cooldown.seconds }
        if let severity { rule.conditions.minimumSeverity = severity.value }
        if !type.isEmpty { rule.conditions.alertTypes = Set(type.map(\.value)) }
        if !metric.isEmpty { rule.conditions.metrics = Set(metric) }
        if !environment.isEmpty { rule.conditions.environments = Set(environment.map(\.value)) }
        if !status.isEmpty { rule.conditions.statuses = Set(status) }
        if !label.isEmpty { rule.conditions.labels = Label.members(label) }
        if let reminder { rule.conditions.reminderSeconds = Double(reminder.seconds) }
        if let resolved { rule.conditions.tellsResolution = resolved }
    }
}

/// A label on the command line: `name=value`.
struct Label: ExpressibleByArgument, Sendable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
            return nil
        }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }

    /// The labels by name; of one name the last counts.
    static func members(_ labels: [Label]) -> [String: String] {
        Dictionary(labels.map { ($0.name, $0.value) }) { $1 }
    }
}

/// A condition of a rule that `--clear` takes away.
enum RuleCondition: String, CaseIterable, ExpressibleByArgument, Sendable {
    case severity, type, metric, environment, status, label, reminder

    func clear(in conditions: inout NotificationConditions) {
        switch self {
        case .severity: conditions.minimumSeverity = .info
        case .type: conditions.alertTypes = []
        case .metric: conditions.metrics = []
        case .environment: conditions.environments = []
        case .status: conditions.statuses = []
        case .label: conditions.labels = [:]
        case .reminder: conditions.reminderSeconds = nil
        }
    }
}
