public import Foundation

/// What is notified where.
public protocol NotificationRuleRepository: SoftDeletableRepository
where Record == NotificationRule {
    /// The live rule of this name, or `nil`.
    func named(_ name: String) throws -> NotificationRule?

    /// The live rules that send to a channel, ordered by name; none for a channel that is absent,
    /// since who may read a rule need not see its channel.
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

extension NotificationRule {
    /// The columns of `notification_rules`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<NotificationRule, Identifier<NotificationRule>>("id")
        /// The organization; filled in on insert.
        public let organizationID =
            Column<NotificationRule, Identifier<Organization>>("organization_id")
        /// The project it is limited to.
        public let projectID = Column<NotificationRule, Identifier<Project>?>("project_id")
        /// The deployment it is limited to.
        public let deploymentID = Column<NotificationRule, Identifier<Deployment>?>("deployment_id")
        /// Where it sends to.
        public let channelID =
            Column<NotificationRule, Identifier<NotificationChannel>>("notification_channel_id")
        /// The name.
        public let name = Column<NotificationRule, String>("name")
        /// The kind of event that triggers it.
        public let triggerType = Column<NotificationRule, NotificationTrigger>("trigger_type")
        /// What an event must match.
        public let conditions = JSONColumn<NotificationRule>("conditions")
        /// The least time between two notifications, in seconds.
        public let cooldownSeconds = Column<NotificationRule, Int>("cooldown_seconds")
        /// Whether it sends anything.
        public let isActive = Column<NotificationRule, Bool>("is_active")
        /// Who made it.
        public let createdBy = Column<NotificationRule, Identifier<User>>("created_by")
        /// When it was made.
        public let createdAt = Column<NotificationRule, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<NotificationRule, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<NotificationRule, Date?>("deleted_at")
        /// How often it was written.
        public let revision = Column<NotificationRule, Int>("revision")
    }

    /// The columns of `notification_rules`.
    public static let columns = Columns()
}
