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

extension NotificationRule: StoredSoftDeletable {
    /// Checks that a deployment belongs to the rule's project.
    ///
    /// A rule of another project would never match, and would keep the deployment from being
    /// deleted. A deployment that the principal does not see is left to the check of the parents.
    ///
    /// - Throws: `.invalidValue`.
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> NotificationRule {
        guard source != nil, let projectID, let deploymentID,
            let found = try SQLRepository<Deployment>(transaction).visibleProject(of: deploymentID),
            found != projectID
        else { return self }
        throw StoreError(
            .invalidValue, "The deployment belongs to another project than the rule.",
            entity: Self.entityName, field: "deployment_id")
    }
}
