extension NotificationRule: TableMapped {
    package static let table = Table(
        "notification_rules",
        columns: [
            "id", "organization_id", "project_id", "deployment_id",
            "notification_channel_id", "name", "trigger_type", "conditions",
            "cooldown_seconds", "is_active", "created_by", "created_at", "updated_at",
            "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["project_id", "deployment_id"],
        references: [
            .init("project_id", to: Project.self, onPurge: .cascade),
            .init("deployment_id", to: Deployment.self, onPurge: .cascade),
            .init("notification_channel_id", to: NotificationChannel.self, onPurge: .cascade),
            .init("created_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        projectID = try row.next()
        deploymentID = try row.next()
        channelID = try row.next()
        name = try row.next()
        triggerType = try row.next()
        conditions = try row.next()
        cooldownSeconds = try row.next()
        isActive = try row.next()
        createdBy = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        deletionID = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(projectID)
        try row.append(deploymentID)
        try row.append(channelID)
        try row.append(name)
        try row.append(triggerType)
        try row.append(conditions)
        try row.append(cooldownSeconds)
        try row.append(isActive)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}
