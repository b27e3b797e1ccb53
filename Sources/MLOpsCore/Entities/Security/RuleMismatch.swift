public import Foundation

/// Why a rule does not fire for an alert.
public enum RuleMismatch: Sendable, Hashable {
    /// The rule is switched off.
    case inactive
    /// The conditions of the rule cannot be read.
    case damaged
    /// The rule is muted.
    case muted(until: Date)
    /// The rule is about other events.
    case trigger(NotificationTrigger)
    /// The alert belongs to another project, or to none.
    case project
    /// The alert is about another deployment, or about none.
    case deployment
    /// The alert is less severe.
    case severity(minimum: AlertSeverity)
    /// The alert is of another type.
    case alertType
    /// The alert is about another metric, or about none.
    case metric
    /// The alert's deployment is in another environment, or there is none.
    case environment
    /// What the alert is about ended differently, or did not end.
    case status
    /// The alert lacks a label, or has another value.
    case label(String)
    /// The alert is about the channel itself.
    case ownChannel
    /// The channel is switched off or deleted.
    case channelInactive
}

extension RuleMismatch: CustomStringConvertible {
    /// One clause, such as `the alert is less severe than high`.
    public var description: String {
        switch self {
        case .inactive: "the rule is switched off"
        case .damaged: "the rule's conditions cannot be read; set them anew"
        case .muted(let time): "the rule is muted until \(time.formatted(.iso8601))"
        case .trigger(let trigger): "the rule is about the trigger \(trigger.rawValue)"
        case .project: "the rule is limited to another project"
        case .deployment: "the rule is limited to another deployment"
        case .severity(let minimum): "the alert is less severe than \(minimum.rawValue)"
        case .alertType: "the alert is of another type"
        case .metric: "the alert is not about a metric of the rule"
        case .environment: "the alert's deployment is not in an environment of the rule"
        case .status: "the alert's status is not one of the rule"
        case .label(let name): "the alert's label \(name) is not that of the rule"
        case .ownChannel: "the alert is about the rule's own channel"
        case .channelInactive: "the channel is switched off or deleted"
        }
    }
}

/// What rules are compared with.
struct RuleSubject {
    let alert: Alert
    /// The environment of the alert's deployment.
    let environment: DeploymentEnvironment?
    let now: Date
    fileprivate let metric: String?
    fileprivate let status: String?
    fileprivate let labels: JSONValue?
    fileprivate let channel: String?

    init(alert: Alert, environment: DeploymentEnvironment?, now: Date) {
        self.alert = alert
        self.environment = environment
        self.now = now
        metric = alert.context["metric"]?.string
        status = alert.context["status"]?.string
        labels = alert.context["labels"]
        channel = alert.context[Alert.channelKey]?.string
    }
}

extension NotificationRule {
    /// Every reason why the rule does not fire.
    func mismatches(with subject: RuleSubject) -> [RuleMismatch] {
        Self.checks.compactMap { $0(self, subject) }
    }

    /// Whether the rule fires; it looks at the first reason alone.
    func fires(for subject: RuleSubject) -> Bool {
        Self.checks.allSatisfy { $0(self, subject) == nil }
    }

    private typealias Check = @Sendable (NotificationRule, RuleSubject) -> RuleMismatch?

    /// The cheap ones first.
    private static let checks: [Check] = [
        { rule, _ in rule.isActive ? nil : .inactive },
        { rule, _ in rule.conditions.damaged == nil ? nil : .damaged },
        { rule, subject in
            rule.triggerType.covers(subject.alert) ? nil : .trigger(rule.triggerType)
        },
        { rule, subject in
            guard let project = rule.projectID else { return nil }
            return project == subject.alert.projectID ? nil : .project
        },
        { rule, subject in
            guard let deployment = rule.deploymentID else { return nil }
            return deployment == subject.alert.deploymentID ? nil : .deployment
        },
        { rule, subject in
            let minimum = rule.conditions.minimumSeverity
            return subject.alert.severity >= minimum ? nil : .severity(minimum: minimum)
        },
        { rule, subject in
            let types = rule.conditions.alertTypes
            return types.isEmpty || types.contains(subject.alert.alertType) ? nil : .alertType
        },
        { rule, subject in
            rule.conditions.metrics.allows(subject.metric) ? nil : .metric
        },
        { rule, subject in
            rule.conditions.environments.allows(subject.environment) ? nil : .environment
        },
        { rule, subject in
            rule.conditions.statuses.allows(subject.status) ? nil : .status
        },
        { rule, subject in
            let labels = rule.conditions.labels
            if labels.isEmpty { return nil }
            let wrong = labels.filter { subject.labels?[$0.key]?.string != $0.value }
            return wrong.keys.min().map { .label($0) }
        },
        { rule, subject in
            guard let time = rule.conditions.mutedUntil, time > subject.now else { return nil }
            return .muted(until: time)
        },
        { rule, subject in
            guard let channel = subject.channel else { return nil }
            return channel == rule.channelID.description ? .ownChannel : nil
        },
    ]
}

extension Set {
    /// Whether a value is in the set; an empty set allows everything.
    fileprivate func allows(_ value: Element?) -> Bool {
        isEmpty || value.map(contains) ?? false
    }
}

extension NotificationTrigger {
    /// Whether an alert is an event of this kind.
    ///
    /// An alert of severity info about a deployment, a model or an experiment is an event, for
    /// which `alert` does not fire.
    func covers(_ alert: Alert) -> Bool {
        guard self == .alert else { return isAbout(alert.alertType) }
        return alert.severity > .info
            || !Self.allCases.contains { $0.isAbout(alert.alertType) }
    }

    /// Whether events of this kind are alerts of a type.
    func isAbout(_ type: AlertType) -> Bool {
        switch self {
        case .alert: false
        case .deployment: type == .deployment
        case .modelUpdate: type == .modelUpdate
        case .experimentComplete: type == .experiment
        }
    }
}

extension Alert {
    /// The member of a context with the channel that an alert is about.
    static let channelKey = "notification_channel_id"
}
