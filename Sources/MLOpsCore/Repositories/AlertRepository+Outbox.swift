import Foundation

/// What a transaction that raises or handles an alert does to its messages.
extension SQLRepository where Record == Alert {
    /// The alert's messages with the errors, which a workspace does not read.
    func outbox(of alert: Alert) throws -> Outbox {
        let deliveries =
            alert.deliveries.isEmpty || transaction.access.isTrusted
            ? alert.deliveries
            : try SQLRepository(transaction.unrestricted).find(alert.id).deliveries
        return Outbox(deliveries, at: transaction.now)
    }

    /// The assignments that store the messages of an alert, each with a comma before it.
    func assignments(_ outbox: Outbox, of alert: Alert) -> Fragment {
        """
        , deliveries = \(outbox.trimmed.json), next_delivery_at = \(outbox.nextDue(of: alert))
        """
    }

    /// Notes the messages that raising an alert makes.
    func tell(_ alert: Alert, in outbox: inout Outbox) throws {
        try tell(alert, by: try firingRules(for: alert), in: &outbox)
    }

    func tell(_ alert: Alert, by rules: [NotificationRule], in outbox: inout Outbox) throws {
        guard !rules.isEmpty else { return }
        let untold = Set(rules.map(\.channelID)).subtracting(outbox.deliveries.map(\.channelID))
        let earlier = untold.isEmpty ? [:] : try earlierMessages(than: alert, to: untold)
        outbox.raise(alert, by: rules, after: earlier)
    }

    /// The rules that fire for an alert.
    func firingRules(for alert: Alert) throws -> [NotificationRule] {
        let rules = try SQLRepository<NotificationRule>(transaction.unrestricted)
            .candidates(for: alert)
        guard !rules.isEmpty else { return [] }
        let subject = try subject(alert, for: rules)
        return rules.filter { rule in !rule.mismatches(with: subject).contains { _ in true } }
    }

    func subject(_ alert: Alert, for rules: [NotificationRule]) throws -> RuleSubject {
        let asksForEnvironment = rules.contains { !$0.conditions.environments.isEmpty }
        let environment = asksForEnvironment ? try self.environment(of: alert.deploymentID) : nil
        return RuleSubject(alert: alert, environment: environment, now: transaction.now)
    }

    private func environment(of id: Identifier<Deployment>?) throws -> DeploymentEnvironment? {
        guard let id else { return nil }
        return try SQLRepository<Deployment>(transaction.unrestricted).findIfExists(id)?.environment
    }

    /// What channels were told of the last alerts with the same fingerprint.
    ///
    /// A message that is held back there is folded: the new alert tells it.
    private func earlierMessages(
        than alert: Alert, to channels: Set<Identifier<NotificationChannel>>
    ) throws -> [Identifier<NotificationChannel>: Outbox.Earlier] {
        let alerts = SQLRepository(transaction.unrestricted)
        let ofProject: Fragment =
            alert.projectID.map { "project_id = \($0)" } ?? "project_id IS NULL"
        let organization = transaction.organizationID ?? alert.organizationID
        let rows = try alerts.select(
            """
            organization_id = \(organization) AND fingerprint = \(alert.fingerprint.asName) \
            AND \(ofProject) AND status = \(AlertStatus.resolved) \
            ORDER BY triggered_at DESC, id DESC LIMIT \(Self.earlierAlerts)
            """)
        var earlier: [Identifier<NotificationChannel>: Outbox.Earlier] = [:]
        for row in rows where row.id != alert.id && !row.deliveries.isEmpty {
            var outbox = Outbox(row.deliveries, at: transaction.now)
            var folded: Set<Identifier<AlertDelivery>> = []
            for channel in channels {
                var known = earlier[channel] ?? Outbox.Earlier()
                known.told = known.told ?? outbox.told(channel)
                if known.held == nil, let held = outbox.held(channel) {
                    known.held = held
                    folded.insert(held.id)
                }
                if known.told != nil || known.held != nil { earlier[channel] = known }
            }
            guard !folded.isEmpty, transaction.kind == .write else { continue }
            outbox.foldHeld(folded)
            try alerts.store(outbox, of: row)
        }
        return earlier
    }

    /// How many alerts with the same fingerprint are looked at.
    private static var earlierAlerts: Int { 10 }

    /// Stores the progress of messages, without a new revision.
    func store(_ outbox: Outbox, of alert: Alert, _ more: Fragment = "") throws {
        try transaction.execute(
            """
            UPDATE alerts SET id = id\(assignments(outbox, of: alert))\(more) \
            WHERE organization_id = \(alert.organizationID) AND id = \(alert.id)
            """)
    }

    func deliveries(of id: Identifier<Alert>) throws -> [AlertDelivery] {
        let (alert, role) = try findWithRole(id, to: .read)
        let least: Requirement =
            alert.projectID == nil ? .organization(.admin) : .project(.maintainer)
        try transaction.require(least, to: .read, in: role, of: Record.entityName)
        return try SQLRepository(transaction.unrestricted).find(id).deliveries
    }
}

extension SQLRepository where Record == NotificationRule {
    /// The active rules whose trigger, project, deployment and channel an alert may match.
    func candidates(for alert: Alert) throws -> [NotificationRule] {
        let organization = transaction.organizationID ?? alert.organizationID
        let triggers = NotificationTrigger.allCases.filter { $0.covers(alert) }
        // An absent project or deployment is bound as NULL, which equals nothing.
        return try select(
            """
            organization_id = \(organization) AND is_active = \(true) \
            AND \(among(triggers)) \
            AND (project_id IS NULL OR project_id = \(alert.projectID)) \
            AND (deployment_id IS NULL OR deployment_id = \(alert.deploymentID)) \
            AND \(activeChannel)
            """)
    }

    /// Whether there is an active rule with one of the triggers.
    func hasActive(
        _ triggers: [NotificationTrigger], in organization: Identifier<Organization>
    ) throws -> Bool {
        let found = try transaction.rows(
            """
            SELECT id FROM notification_rules \
            WHERE organization_id = \(organization) AND is_active = \(true) \
            AND deleted_at IS NULL AND \(among(triggers)) LIMIT 1
            """
        ) { try $0.next(Identifier<NotificationRule>.self) }
        return !found.isEmpty
    }

    private func among(_ triggers: [NotificationTrigger]) throws -> Fragment {
        try dialect.among("trigger_type", triggers.map { $0.storedValue() })
    }

    private var activeChannel: Fragment {
        """
        EXISTS (SELECT 1 FROM notification_channels c \
        WHERE c.organization_id = notification_rules.organization_id \
        AND c.id = notification_rules.notification_channel_id \
        AND c.is_active = \(true) AND c.deleted_at IS NULL)
        """
    }

    func explain(_ alert: Alert) throws -> [RuleExplanation] {
        let alert = try alert.withProject(in: transaction)
        let rules = try all(order: { [$0.name.ascending] })
        let active = Set(
            try transaction.rows(
                "SELECT id FROM notification_rules WHERE \(tenant) AND \(activeChannel)"
            ) { try $0.next(Identifier<NotificationRule>.self) })
        let alerts = SQLRepository<Alert>(transaction)
        let subject = try alerts.subject(alert, for: rules)
        return try rules.map { rule in
            var mismatches = Array(rule.mismatches(with: subject))
            if !active.contains(rule.id) { mismatches.append(.channelInactive) }
            var outbox = Outbox(alert.deliveries, at: transaction.now)
            let before = outbox.deliveries.count
            if mismatches.isEmpty { try alerts.tell(alert, by: [rule], in: &outbox) }
            return RuleExplanation(
                rule: rule, mismatches: mismatches,
                message: outbox.deliveries.dropFirst(before).last)
        }
    }
}
