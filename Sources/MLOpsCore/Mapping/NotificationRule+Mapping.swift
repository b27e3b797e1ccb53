extension NotificationRule {
    /// The columns of `notification_rules`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = NotificationRule
        /// The project it is limited to.
        public let projectID = Column<NotificationRule, Identifier<Project>?>("project_id")
        /// The deployment it is limited to.
        public let deploymentID = Column<NotificationRule, Identifier<Deployment>?>("deployment_id")
        /// The channel it sends to.
        public let channelID = Column<NotificationRule, Identifier<NotificationChannel>>(
            "notification_channel_id")
        /// The name.
        public let name = Column<NotificationRule, String>("name", holdsNames: true)
        /// The kind of event that triggers it.
        public let triggerType = Column<NotificationRule, NotificationTrigger>("trigger_type")
        /// What an event must match.
        public let conditions = JSONColumn<NotificationRule>("conditions")
        /// The minimum time between two notifications, in seconds.
        public let cooldownSeconds = Column<NotificationRule, Int>("cooldown_seconds")
        /// Whether it is active.
        public let isActive = Column<NotificationRule, Bool>("is_active")
    }

    /// The columns of `notification_rules`.
    public static let columns = Columns()
}

extension NotificationRule: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "notification_rules", resource: "notification_rule",
        project: .column(columns.projectID),
        permissions: .project(write: .maintainer, delete: .maintainer, purge: .owner),
        fixed: [columns.projectID, columns.deploymentID],
        references: [
            Reference(columns.projectID, onPurge: .cascade),
            Reference(columns.deploymentID, onPurge: .cascade),
            Reference(columns.channelID, onPurge: .cascade),
            Reference(columns.createdBy, onPurge: .restrict),
        ])

    package static let blank = NotificationRule(channel: .unassigned, name: "", triggerType: .alert)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.projectID, &projectID)
        try row.column(Self.columns.deploymentID, &deploymentID)
        try row.column(Self.columns.channelID, &channelID)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.triggerType, &triggerType)
        try row.keptDocument(Self.columns.conditions, &conditions)
        try row.column(Self.columns.cooldownSeconds, &cooldownSeconds)
        try row.column(Self.columns.isActive, &isActive)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }

    /// A rule without a project belongs to the organization.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        projectID == nil ? .outsideProjects(action) : Self.table.permissions[action]
    }
}
