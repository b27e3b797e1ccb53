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
        let active = try activeRules(for: alert)
        try tellOfDamage(among: active, besides: alert)
        let rules = try firing(active, for: alert)
        guard !rules.isEmpty else { return }
        let earlier = try earlierMessages(than: alert, by: rules, besides: outbox)
        outbox.raise(alert, by: rules, after: earlier)
    }

    /// The rules that fire for an alert.
    func firingRules(for alert: Alert) throws -> [NotificationRule] {
        try firing(try activeRules(for: alert), for: alert)
    }

    private func activeRules(for alert: Alert) throws -> [NotificationRule] {
        try SQLRepository<NotificationRule>(inside(alert).transaction.unrestricted)
            .active(in: transaction.organizationID ?? alert.organizationID)
    }

    private func firing(
        _ rules: [NotificationRule], for alert: Alert
    ) throws -> [NotificationRule] {
        guard !rules.isEmpty else { return [] }
        let subject = try inside(alert).subject(alert, for: rules)
        return rules.filter { $0.fires(for: subject) }
    }

    /// Raises an alert for each rule that cannot be read, unless one is open: it stops nobody, so
    /// that otherwise nobody would know that it tells of nothing.
    ///
    /// - Parameter alert: What is raised now; it raises no more when it is about a rule itself.
    private func tellOfDamage(among rules: [NotificationRule], besides alert: Alert) throws {
        guard alert.context[NotificationRule.contextKey] == nil else { return }
        for rule in rules where rule.conditions.damaged != nil {
            let isWithin = transaction.organizationID != nil
            let alerts = SQLRepository(
                isWithin ? transaction.unrestricted : transaction.within(rule.organizationID))
            let told = rule.alertOfDamage
            let count = try alerts.count {
                $0.fingerprint == told.fingerprint && $0.status != .resolved
            }
            if count == 0 { _ = try alerts.raise(told) }
        }
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

    /// The last alerts with the same fingerprint that are resolved, the newest first.
    private func earlier(than alert: Alert) throws -> [Alert] {
        let alerts = SQLRepository(transaction.unrestricted)
        let ofProject: Fragment =
            alert.projectID.map { "project_id = \($0)" } ?? "project_id IS NULL"
        let organization = transaction.organizationID ?? alert.organizationID
        return try alerts.select(
            """
            organization_id = \(organization) AND fingerprint = \(alert.fingerprint.asName) \
            AND \(ofProject) AND status = \(AlertStatus.resolved) \
            ORDER BY triggered_at DESC, id DESC LIMIT \(Self.earlierAlerts)
            """
        ).filter { $0.id != alert.id && !$0.deliveries.isEmpty }
    }

    /// What the channels of rules were told of the last alerts with the same fingerprint.
    ///
    /// - Parameter outbox: The channels that it names are left out.
    func earlierMessages(
        than alert: Alert, by rules: [NotificationRule], besides outbox: Outbox
    ) throws -> [Identifier<NotificationChannel>: Outbox.Earlier] {
        let channels = Set(rules.map(\.channelID)).subtracting(outbox.deliveries.map(\.channelID))
        if channels.isEmpty { return [:] }
        var earlier: [Identifier<NotificationChannel>: Outbox.Earlier] = [:]
        for row in try self.earlier(than: alert) {
            let outbox = Outbox(row.deliveries, at: transaction.now)
            for channel in channels {
                var known = earlier[channel] ?? Outbox.Earlier()
                known.told = known.told ?? outbox.told(channel)
                known.held = known.held ?? outbox.held(channel)
                if known.told != nil || known.held != nil { earlier[channel] = known }
            }
        }
        return earlier
    }

    /// Folds what earlier alerts with the same fingerprint hold back, which a new one tells.
    ///
    /// - Parameter deliveries: The messages of the new one.
    func foldEarlier(than alert: Alert, toldBy deliveries: [AlertDelivery]) throws {
        let channels = Set(deliveries.filter { $0.count > 1 }.map(\.channelID))
        if channels.isEmpty { return }
        let alerts = SQLRepository(transaction.unrestricted).inside(alert)
        for row in try earlier(than: alert) {
            let held = channels.compactMap {
                Outbox(row.deliveries, at: transaction.now).held($0)?.id
            }
            if held.isEmpty { continue }
            // A dispatcher may have changed it since it was read.
            try alerts.lock(row.id)
            guard let locked = try alerts.findIfExists(row.id) else { continue }
            var outbox = Outbox(locked.deliveries, at: transaction.now)
            outbox.foldHeld(
                Set(channels.compactMap { outbox.held($0)?.id }).intersection(held))
            try alerts.store(outbox, of: locked)
        }
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
        var deliveries = try SQLRepository(transaction.unrestricted).find(id).deliveries
        if let authority = try transaction.authority(), authority.role < .admin {
            // A digest may tell of alerts in projects that the principal does not see.
            for index in deliveries.indices { deliveries[index].digested = [] }
        }
        return deliveries
    }
}

extension SQLRepository where Record == NotificationRule {
    /// The active rules with an active channel.
    func active(in organization: Identifier<Organization>) throws -> [NotificationRule] {
        let changed = transaction.changes.tables(for: organization)
        let watched: TableSet = [TableSet(table), TableSet(NotificationChannel.table)]
        // What this transaction has changed may be undone.
        guard changed.isDisjoint(with: watched) else { return try readActive(in: organization) }
        let stamp = try stamp(of: organization)
        if stamp == RuleCache.Stamp() { return [] }
        if let known = transaction.rules.rules(of: organization, at: stamp) { return known }
        let rules = try readActive(in: organization)
        transaction.rules.keep(rules, of: organization, at: stamp)
        return rules
    }

    private func readActive(
        in organization: Identifier<Organization>
    ) throws -> [NotificationRule] {
        try select(
            "organization_id = \(organization) AND is_active = \(true) AND \(activeChannel)")
    }

    /// What every change of a rule or a channel changes.
    private func stamp(of organization: Identifier<Organization>) throws -> RuleCache.Stamp {
        func sums(_ table: Table) throws -> RuleCache.Sums {
            let found = try transaction.rows(
                """
                SELECT count(*), COALESCE(CAST(sum(revision) AS BIGINT), 0), max(updated_at), \
                max(deleted_at), count(deleted_at) FROM \(raw: table.name) \
                WHERE organization_id = \(organization)
                """
            ) { row in
                RuleCache.Sums(
                    rows: try row.next(), revisions: try row.next(), changedAt: try row.next(),
                    deletedAt: try row.next(), deleted: try row.next())
            }.first
            return found ?? RuleCache.Sums()
        }
        let rules = try sums(table)
        guard rules.rows > rules.deleted else { return RuleCache.Stamp() }
        let newest = try transaction.rows(
            """
            SELECT id FROM notification_rules WHERE organization_id = \(organization) \
            ORDER BY id DESC LIMIT 1
            """
        ) { try $0.next(Identifier<NotificationRule>.self) }.first
        return RuleCache.Stamp(
            rules: rules, channels: try sums(NotificationChannel.table), newestRule: newest)
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
        if let deployment = alert.deploymentID { _ = try transaction.deployments.find(deployment) }
        if let project = alert.projectID { _ = try transaction.projects.find(project) }
        let alert = try alert.withProject(in: transaction)
        let rules = try all(order: { [$0.name.ascending] })
        let active = Set(
            try transaction.rows(
                "SELECT id FROM notification_rules WHERE \(tenant) AND \(activeChannel)"
            ) { try $0.next(Identifier<NotificationRule>.self) })
        let alerts = SQLRepository<Alert>(transaction)
        let subject = try alerts.subject(alert, for: rules)
        let known = Outbox(alert.deliveries, at: transaction.now)
        let firing = rules.filter { active.contains($0.id) && $0.fires(for: subject) }
        let earlier = try alerts.earlierMessages(than: alert, by: firing, besides: known)
        return rules.map { rule in
            var mismatches = rule.mismatches(with: subject)
            if !active.contains(rule.id) { mismatches.append(.channelInactive) }
            var outbox = known
            if mismatches.isEmpty { outbox.raise(alert, by: [rule], after: earlier) }
            return RuleExplanation(
                rule: rule, mismatches: mismatches,
                message: outbox.deliveries.dropFirst(known.deliveries.count).last)
        }
    }
}
