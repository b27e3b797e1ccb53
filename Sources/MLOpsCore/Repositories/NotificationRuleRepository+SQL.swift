extension SQLRepository: NotificationRuleRepository where Record == NotificationRule {
    func named(_ name: String) throws -> NotificationRule? {
        try first { $0.name == name }
    }

    func of(channel: Identifier<NotificationChannel>) throws -> [NotificationRule] {
        try all(where: { $0.channelID == channel }, order: { [$0.name.ascending] })
    }

    func matching(
        _ trigger: NotificationTrigger, project: Identifier<Project>?,
        deployment: Identifier<Deployment>?
    ) throws -> [NotificationRule] {
        // An absent project or deployment is bound as NULL, which equals nothing.
        try select(
            """
            trigger_type = \(trigger) AND is_active = \(true)
            AND (project_id IS NULL OR project_id = \(project))
            AND (deployment_id IS NULL OR deployment_id = \(deployment))
            AND EXISTS (
                SELECT 1 FROM notification_channels c
                WHERE c.organization_id = notification_rules.organization_id
                    AND c.id = notification_rules.notification_channel_id
                    AND c.is_active = \(true) AND c.deleted_at IS NULL)
            ORDER BY name, id
            """)
    }
}

extension NotificationRule: StoredSoftDeletable {}
