extension SQLRepository: NotificationRuleRepository where Record == NotificationRule {
    func named(_ name: String) throws -> NotificationRule? {
        try first { $0.name == name }
    }

    func of(channel: Identifier<NotificationChannel>) throws -> [NotificationRule] {
        try all(where: { $0.channelID == channel }, order: { [$0.name.ascending] })
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
        try conditions.validate()
        guard cooldownSeconds <= Self.longestCooldown || source == .history else {
            throw StoreError(
                .invalidValue, "A cooldown is at most \(Self.longestCooldown) seconds.",
                entity: Self.entityName, field: "cooldown_seconds")
        }
        guard source != nil, let projectID, let deploymentID,
            let found = try SQLRepository<Deployment>(transaction).visibleProject(of: deploymentID),
            found != projectID
        else { return self }
        throw StoreError(
            .invalidValue, "The deployment belongs to another project than the rule.",
            entity: Self.entityName, field: "deployment_id")
    }
}
