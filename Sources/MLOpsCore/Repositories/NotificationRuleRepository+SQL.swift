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
        guard source != .caller || conditions.damaged == nil else {
            throw StoreError(
                .invalidValue, "The conditions of a new rule are ones that can be read.",
                entity: Self.entityName, field: Self.columns.conditions.name)
        }
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

    /// Resolves the alert about conditions that cannot be read, once they can or nobody needs them.
    func checkChange(to new: NotificationRule?, in transaction: SQLTransaction) throws {
        guard conditions.damaged != nil, transaction.principal != nil else { return }
        if let new, new.isActive, new.conditions.damaged != nil { return }
        _ = try SQLRepository<Alert>(transaction.unrestricted)
            .resolveAutomatic(alertOfDamage.fingerprint, in: projectID)
    }

    /// The member of a context with the rule that an alert is about.
    static let contextKey = "notification_rule_id"

    /// What tells that the rule fires for nothing.
    var alertOfDamage: Alert {
        Alert(
            project: projectID, alertType: .custom, severity: .high,
            title: "The notification rule \(name) cannot be read",
            message: "It fires for nothing until its conditions are set anew.",
            fingerprint: "notification_rule:\(id)",
            context: [Self.contextKey: .string(id.description)], isAutomatic: true)
    }
}
