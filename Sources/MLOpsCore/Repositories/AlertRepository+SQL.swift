import Foundation

extension SQLRepository: AlertRepository where Record == Alert {
    func open() throws -> [Alert] {
        try all(where: { $0.status == .open }, order: newestFirst)
    }

    func unresolved() throws -> [Alert] {
        try all(where: { $0.status.isIn([.open, .acknowledged]) }, order: newestFirst)
    }

    func of(deployment: Identifier<Deployment>) throws -> [Alert] {
        _ = try transaction.deployments.find(deployment)
        return try all(where: { $0.deploymentID == deployment }, order: newestFirst)
    }

    func raise(_ alert: Alert) throws -> Alert {
        // Under system access, alerts of other organizations may have the fingerprint too.
        let own = inside(alert)
        if own.transaction !== transaction { return try own.raise(alert) }
        try checkIsInOrganization()
        let alert = try alert.timed(transaction.now).withProject(in: transaction)
        let (stored, isNew) = try transaction.findOrInsert {
            try first {
                $0.fingerprint == alert.fingerprint && $0.projectID == alert.projectID
                    && $0.status.isIn([.open, .acknowledged])
            }
        } insert: {
            try resolveUnseen(alert)
            return try insert(alert)
        }
        if isNew { return stored }
        let present = try find(stored.id, to: .write)
        // Somebody has resolved it before it was locked: this is a new alert.
        if present.status == .resolved { return try raise(alert) }
        let isNewest = alert.lastSeenAt >= min(present.lastSeenAt, transaction.now)
        var newest = isNewest ? alert : present
        // Who says nothing takes nothing back.
        if newest.message.isEmpty { newest.message = present.message }
        if newest.context == [:] { newest.context = present.context }
        var raised = present
        raised.severity = max(present.severity, alert.severity)
        (raised.title, raised.message, raised.context) =
            (newest.title, newest.message, newest.context)
        if raised.severity > present.severity {
            raised.snoozedUntil = nil
            if present.status == .acknowledged {
                (raised.status, raised.acknowledgedBy, raised.acknowledgedAt) = (.open, nil, nil)
            }
        }
        var outbox = try outbox(of: present)
        let known = Set(outbox.deliveries.map(\.id))
        try tell(raised, in: &outbox)
        try foldEarlier(
            than: present, toldBy: outbox.deliveries.filter { !known.contains($0.id) })
        return try set(
            """
            occurrences = occurrences + 1, severity = \(raised.severity), \
            title = \(raised.title), message = \(raised.message), context = \(raised.context), \
            is_automatic = \(present.isAutomatic && alert.isAutomatic), \
            last_seen_at = \(max(present.lastSeenAt, alert.lastSeenAt)), \
            snoozed_until = \(raised.snoozedUntil), status = \(raised.status), \
            acknowledged_by = \(raised.acknowledgedBy), \
            acknowledged_at = \(raised.acknowledgedAt)\(assignments(outbox, of: raised))
            """,
            of: present, as: "raise")
    }

    func acknowledge(_ id: Identifier<Alert>) throws -> Alert {
        let alert = try findUnresolved(id)
        if alert.status == .acknowledged { return alert }
        var outbox = try outbox(of: alert)
        outbox.quiet()
        return try set(
            """
            status = \(AlertStatus.acknowledged), \
            acknowledged_by = \(try transaction.actingUser()), \
            acknowledged_at = \(transaction.now)\(assignments(outbox, of: alert))
            """,
            of: alert, as: "acknowledge")
    }

    func resolve(_ id: Identifier<Alert>) throws -> Alert {
        let alert = try findUnresolved(id)
        var resolved = alert
        resolved.status = .resolved
        var outbox = try outbox(of: alert)
        outbox.resolve(resolved)
        return try set(
            """
            status = \(AlertStatus.resolved), resolved_by = \(try transaction.actingUser()), \
            resolved_at = \(transaction.now)\(assignments(outbox, of: resolved))
            """,
            of: alert, as: "resolve")
    }

    func snooze(_ id: Identifier<Alert>, until time: Date?) throws -> Alert {
        let alert = try findUnresolved(id)
        let time = time?.roundedToMicroseconds
        if let time, time <= transaction.now {
            throw StoreError(
                .invalidValue, "An alert is snoozed until a time to come.",
                entity: Alert.entityName, field: Alert.columns.snoozedUntil.name)
        }
        var snoozed = alert
        snoozed.snoozedUntil = time
        var outbox = try outbox(of: alert)
        if time == nil {
            outbox.resumeReminders(of: snoozed)
            try tell(snoozed, in: &outbox)
        } else {
            outbox.quiet()
        }
        return try set(
            "snoozed_until = \(time)\(assignments(outbox, of: snoozed))", of: alert,
            as: "snooze")
    }

    func comment(_ id: Identifier<Alert>, _ text: String) throws -> Alert {
        let alert = try find(id, to: .write)
        let length = text.utf8.count
        guard text.contains(where: { !$0.isWhitespace }), length <= AlertComment.maximumBytes else {
            throw invalid("A comment has 1 to \(AlertComment.maximumBytes) bytes, not \(length).")
        }
        guard alert.comments.count < AlertComment.maximumCount else {
            throw invalid("An alert takes \(AlertComment.maximumCount) comments.")
        }
        let comment = AlertComment(
            userID: try transaction.actingUser(), date: transaction.now, text: text)
        return try set("comments = \((alert.comments + [comment]).json)", of: alert, as: "comment")
    }

    func resolveAutomatic(
        _ fingerprint: String, in project: Identifier<Project>?
    ) throws -> Alert? {
        _ = try transaction.actingUser()
        let found = try first {
            $0.fingerprint == fingerprint && $0.projectID == project
                && $0.status.isIn([.open, .acknowledged])
        }
        guard let found, found.isAutomatic else { return nil }
        let alert = try find(found.id, to: .write)
        guard alert.isAutomatic, alert.status != .resolved else { return nil }
        return try resolve(alert.id)
    }

    /// A fingerprint names an alert within an organization.
    ///
    /// - Throws: `.invalidValue`.
    private func checkIsInOrganization() throws {
        guard transaction.organizationID == nil else { return }
        throw StoreError(
            .invalidValue, "An alert belongs to an organization; use `scoped(to:)` first.",
            entity: Alert.entityName, field: CommonColumn.organizationID)
    }

    private func invalid(_ message: String) -> StoreError {
        StoreError(
            .invalidValue, message, entity: Alert.entityName, field: Alert.columns.comments.name)
    }

    /// Resolves an alert with this fingerprint whose deployment is deleted.
    ///
    /// Such an alert is invisible, but it occupies the fingerprint until it is resolved.
    private func resolveUnseen(_ alert: Alert) throws {
        let ofProject: Fragment =
            alert.projectID.map { "project_id = \($0)" } ?? "project_id IS NULL"
        let unseen: Fragment = """
            \(tenant) AND \(ofProject) AND fingerprint = \(alert.fingerprint.asName) \
            AND status <> \(AlertStatus.resolved) \
            AND NOT (\(live))
            """
        let count = try transaction.integer("SELECT count(*) FROM alerts WHERE \(unseen)")
        guard count > 0 else { return }
        // Under system access nobody resolves it: then it was whoever raised it, or else whoever
        // made the deployment.
        let resolver: Fragment =
            transaction.principal.map { "\($0.userID)" }
                ?? """
                COALESCE(raised_by, (SELECT d.created_by FROM deployments d \
                WHERE d.organization_id = alerts.organization_id AND d.id = alerts.deployment_id))
                """
        try transaction.execute(
            """
            UPDATE alerts SET status = \(AlertStatus.resolved), \
            resolved_by = \(resolver), resolved_at = \(transaction.now), \
            updated_at = \(transaction.now), revision = revision + 1 WHERE \(unseen)
            """)
        try transaction.note(
            "resolve", Alert.self, nil, in: transaction.organizationID,
            ["rows": .counts([table.name: count])])
    }

    private func findUnresolved(_ id: Identifier<Alert>) throws -> Alert {
        let alert = try find(id, to: .write)
        guard alert.status != .resolved else {
            throw StoreError(
                .conflict, "The alert is resolved; raise a new one.", entity: Alert.entityName,
                field: "status")
        }
        return alert
    }

    private func newestFirst(_ columns: Alert.Columns) -> [Order<Alert>] {
        [columns.triggeredAt.descending, columns.id.descending]
    }
}

extension Alert: StoredMutable {
    static func finishInserts(_ rows: [Alert], in transaction: SQLTransaction) throws {
        let alerts = SQLRepository<Alert>(transaction)
        for alert in rows { try alerts.foldEarlier(than: alert, toldBy: alert.deliveries) }
    }

    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> Alert {
        guard let source else { return self }
        var alert = try timed(transaction.now).withProject(in: transaction)
        guard source == .caller else { return alert }
        alert.raisedBy = transaction.principal?.userID
        // What the store sets anew for a copy of another alert decides here already.
        (alert.status, alert.snoozedUntil) = (.open, nil)
        var outbox = Outbox([], at: transaction.now)
        try SQLRepository(transaction).tell(alert, in: &outbox)
        (alert.deliveries, alert.nextDeliveryAt) = (outbox.trimmed, outbox.nextDue(of: alert))
        return alert
    }

    /// The alert with the time at which it is raised, if none was given.
    fileprivate func timed(_ now: Date) -> Alert {
        var alert = self
        alert.triggeredAt = triggeredAt.orWhenStored(now)
        alert.lastSeenAt = lastSeenAt.orWhenStored(now)
        return alert
    }

    /// The alert in the project of its deployment.
    ///
    /// A deployment that the principal does not see is left to the check of the parents.
    ///
    /// - Throws: `.invalidValue` when another project is given.
    func withProject(in transaction: SQLTransaction) throws -> Alert {
        guard let deploymentID else { return self }
        let deployments = SQLRepository<Deployment>(transaction)
        guard let found = try deployments.visibleProject(of: deploymentID) else { return self }
        guard projectID == nil || projectID == found else {
            throw StoreError(
                .invalidValue, "The deployment belongs to another project than the alert.",
                entity: Self.entityName, field: "project_id")
        }
        var alert = self
        alert.projectID = found
        return alert
    }
}
