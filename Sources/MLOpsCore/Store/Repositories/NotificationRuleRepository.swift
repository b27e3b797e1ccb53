/// What is notified where.
public protocol NotificationRuleRepository: SoftDeletableRepository
where Record == NotificationRule {
    /// The live rule of this name, or `nil`.
    func named(_ name: String) throws -> NotificationRule?

    /// The live rules that send to a channel, ordered by name. An absent channel has none: reading
    /// a rule does not require seeing its channel.
    func of(channel: Identifier<NotificationChannel>) throws -> [NotificationRule]

    /// The live rules that an event of this kind triggers, ordered by name: those that are active,
    /// whose channel is active, and that are limited to no other project or deployment than the
    /// event's. Their conditions are not looked at.
    func matching(
        _ trigger: NotificationTrigger, project: Identifier<Project>?,
        deployment: Identifier<Deployment>?
    ) throws -> [NotificationRule]
}

extension NotificationRuleRepository {
    /// The rules that an event without a deployment triggers.
    public func matching(
        _ trigger: NotificationTrigger, project: Identifier<Project>? = nil
    ) throws -> [NotificationRule] {
        try matching(trigger, project: project, deployment: nil)
    }
}
