/// What is notified where.
public protocol NotificationRuleRepository: SoftDeletableRepository
where Record == NotificationRule {
    /// The live rule of this name, or `nil`.
    func named(_ name: String) throws -> NotificationRule?

    /// The live rules that send to a channel, ordered by name. An absent channel has none: reading
    /// a rule does not require seeing its channel.
    func of(channel: Identifier<NotificationChannel>) throws -> [NotificationRule]

    /// For each live rule, ordered by name, whether it fires for an alert, and why not.
    ///
    /// The alert may be a stored one or not; nothing is raised.
    ///
    /// - Throws: `.invalidValue` when the alert's deployment belongs to another project.
    func explain(_ alert: Alert) throws -> [RuleExplanation]
}

/// Whether a rule fires for an alert.
public struct RuleExplanation: Sendable, Hashable {
    /// The rule.
    public let rule: NotificationRule
    /// Why it does not fire; empty if it does.
    public let mismatches: [RuleMismatch]
    /// The message that raising the alert now would make.
    ///
    /// A rule that fires makes none while the channel was told within the cooldown, and while
    /// somebody has acknowledged or snoozed the alert.
    public let message: AlertDelivery?

    /// Whether it fires.
    public var fires: Bool { mismatches.isEmpty }
}
