import Foundation

/// Claims messages of all organizations, and records what came of them.
///
/// What concerns one alert is done in the alert's organization: see ``inside(_:)``.
struct AlertDispatch {
    let transaction: SQLTransaction

    /// The same in one organization, where ids name alerts and channels.
    private func inside(_ organization: Identifier<Organization>) -> AlertDispatch {
        AlertDispatch(transaction: transaction.inside(organization))
    }

    private var alerts: SQLRepository<Alert> { SQLRepository<Alert>(transaction) }
    private var now: Date { transaction.now }

    /// How long the messages of an organization that is not served wait.
    private static let restOfOrganization: TimeInterval = 3600

    /// How long a message waits that cannot be given up while somebody else has a row locked.
    private static let restOfLocked: TimeInterval = 5

    func nextDue() throws -> Date? {
        let message = try transaction.rows(
            """
            SELECT next_delivery_at FROM alerts WHERE next_delivery_at IS NOT NULL \
            ORDER BY next_delivery_at LIMIT 1
            """
        ) { try $0.next(Date.self) }.first
        let check = try transaction.rows(
            """
            SELECT next_check_at FROM deployments \
            WHERE next_check_at IS NOT NULL AND deleted_at IS NULL ORDER BY next_check_at LIMIT 1
            """
        ) { try $0.next(Date.self) }.first
        return [message, check].compactMap(\.self).min()
    }

    // MARK: Claiming

    func claim(limit: Int, lease: TimeInterval) throws -> ClaimedDeliveries {
        let due = try transaction.rows(
            """
            SELECT id, organization_id FROM alerts WHERE next_delivery_at <= \(now) \
            ORDER BY next_delivery_at, id LIMIT \(limit) \
            \(transaction.connection.dialect.lock(.available))
            """
        ) { (try $0.next(Identifier<Alert>.self), try $0.next(Identifier<Organization>.self)) }
        var names = DispatchNames(transaction: transaction)
        var claims: [ClaimedDelivery] = []
        for (id, organization) in due where claims.count < limit {
            let own = inside(organization)
            guard try names.isServed(organization) else {
                try own.postpone(id, by: Self.restOfOrganization)
                continue
            }
            do {
                claims += try transaction.savepoint {
                    guard let alert = try own.alert(id) else { return [] }
                    return try own.claim(alert, lease: lease, limit: limit - claims.count, &names)
                }
            } catch is RowIsLocked {
                try own.postpone(id, by: Self.restOfLocked)
            } catch let error as StoreError where !error.isReported {
                // One that cannot be read does not keep the others waiting.
                try own.postpone(id, by: Self.restOfOrganization)
            }
        }
        return ClaimedDeliveries(
            deliveries: claims, hasMore: due.count == limit || claims.count >= limit)
    }

    private func postpone(_ id: Identifier<Alert>, by seconds: TimeInterval) throws {
        try transaction.execute(
            """
            UPDATE alerts SET next_delivery_at = \(now.addingTimeInterval(seconds)) \
            WHERE \(alerts.row(id))
            """)
    }

    private func claim(
        _ stored: Alert, lease: TimeInterval, limit: Int, _ names: inout DispatchNames
    ) throws -> [ClaimedDelivery] {
        var alert = stored
        var outbox = Outbox(alert.deliveries, at: now)
        try wake(&alert, &outbox)
        var claims: [ClaimedDelivery] = []
        var lost: [AlertDelivery] = []
        for delivery in outbox.claim(lease: lease, limit: limit) {
            let channel = try names.channel(delivery.channelID, of: alert)
            let isOn = channel.map { $0.isActive && $0.deletedAt == nil } ?? false
            let isLost = delivery.lost > AlertDelivery.mostLost
            if let channel, isOn, !isLost {
                claims.append(try claimed(alert, delivery, outbox, channel, &names))
                continue
            }
            let error =
                isOn
                ? "Dispatchers have ended \(delivery.lost - 1) times while they were sending it."
                : "The channel is switched off or deleted."
            let ended = outbox.end(
                DeliveryResult(alert: alert, delivery: delivery, .failed, error: error),
                of: alert)
            guard let ended else { continue }
            try finish(ended, of: alert)
            if isOn { lost.append(ended) }
        }
        try alerts.store(outbox, of: alert, ", snoozed_until = \(alert.snoozedUntil)")
        for delivery in lost { try tellOfFailure(delivery, of: alert, isGone: false) }
        return claims
    }

    /// Ends a snooze, and reminds.
    private func wake(_ alert: inout Alert, _ outbox: inout Outbox) throws {
        let ends = alert.status != .resolved && alert.snoozedUntil.map { $0 <= now } ?? false
        let due = outbox.dueReminders
        guard ends || !due.isEmpty else { return }
        if ends { alert.snoozedUntil = nil }
        // Nobody can handle one whose deployment is deleted.
        guard alert.status == .open, try alerts.findIfExists(alert.id) != nil else {
            outbox.quiet()
            return
        }
        let rules = try alerts.firingRules(for: alert).filter {
            ends || due.contains($0.channelID) && $0.conditions.reminderSeconds != nil
        }
        outbox.remind(alert, by: rules)
    }

    private func claimed(
        _ alert: Alert, _ delivery: AlertDelivery, _ outbox: Outbox,
        _ channel: NotificationChannel, _ names: inout DispatchNames
    ) throws -> ClaimedDelivery {
        let first = outbox.deliveries.first {
            $0.channelID == channel.id && [.delivered, .pending].contains($0.state)
        }
        let others = delivery.digested.prefix(ClaimedDelivery.maximumOthers)
        return ClaimedDelivery(
            alert: alert, delivery: delivery, firstDeliveryID: first?.id ?? delivery.id,
            channel: channel, projectName: try names.project(of: alert),
            deploymentName: try names.deployment(of: alert),
            others: try others.compactMap { try digested($0, by: delivery, &names) })
    }

    private func digested(
        _ id: Identifier<Alert>, by digest: AlertDelivery, _ names: inout DispatchNames
    ) throws -> DigestedAlert? {
        guard let alert = try alert(id) else { return nil }
        let delivery = alert.deliveries.last { $0.digestID == digest.id }
        return DigestedAlert(
            alert: alert, event: delivery?.event ?? .triggered,
            projectName: try names.project(of: alert),
            deploymentName: try names.deployment(of: alert))
    }

    // MARK: Ending

    /// - Returns: The results of alerts that somebody else has locked.
    func end(_ results: [DeliveryResult]) throws -> [DeliveryResult] {
        let ordered = results.sorted {
            ($0.organizationID, $0.alertID) < ($1.organizationID, $1.alertID)
        }
        return try ordered.filter { result in
            do {
                try transaction.savepoint { try inside(result.organizationID).end(result) }
                return false
            } catch is RowIsLocked {
                return true
            } catch let error as StoreError where !error.isReported {
                // An alert that cannot be read: its message comes again, if it can be read then.
                return false
            }
        }
    }

    private func end(_ result: DeliveryResult) throws {
        guard let alert = try available(result.alertID) else { return }
        var outbox = Outbox(alert.deliveries, at: now)
        guard let delivery = outbox.end(result, of: alert) else { return }
        try alerts.store(outbox, of: alert)
        guard delivery.state != .pending else { return }
        try finish(delivery, of: alert)
        if delivery.state == .failed {
            try tellOfFailure(delivery, of: alert, isGone: result.outcome == .gone)
        }
    }

    /// Records the end of a message, and ends those that it tells.
    private func finish(_ delivery: AlertDelivery, of alert: Alert) throws {
        for id in delivery.digested {
            guard let other = try available(id) else { continue }
            var outbox = Outbox(other.deliveries, at: now)
            outbox.endDigested(delivery, of: other)
            try alerts.store(outbox, of: other)
        }
        var details: [String: JSONValue] = [
            "delivery": .string(delivery.id.description),
            "channel": .string(delivery.channelID.description),
            "rule": .string(delivery.ruleID.description),
            "event": .string(delivery.event.rawValue),
            "outcome": .string(delivery.state.rawValue),
            "attempts": .int(Int64(delivery.made)),
        ]
        if !delivery.digested.isEmpty {
            details["alerts"] = .int(Int64(1 + delivery.digested.count))
        }
        try transaction.note(
            "deliver", Alert.self, alert.id, in: alert.organizationID, details)
    }

    /// Raises an alert about a channel, which other channels are told of.
    private func tellOfFailure(
        _ delivery: AlertDelivery, of alert: Alert, isGone: Bool
    ) throws {
        try lockFailure(of: delivery.channelID, of: alert.organizationID)
        let channels = SQLRepository<NotificationChannel>(transaction)
        guard let channel = try channels.findIfExists(delivery.channelID) else { return }
        if isGone, channel.isActive {
            let channel = try channels.find(channel.id, to: .write)
            try channels.set("is_active = \(false)", of: channel, as: "gone")
        }
        // What tells of a channel that fails, and fails itself, would tell of that without end.
        if alert.raisedBy == nil, alert.context[Alert.channelKey] != nil { return }
        let failure = isGone ? "The receiver is gone" : "Messages cannot be delivered"
        let isOff = isGone ? " The channel is switched off." : ""
        _ = try alerts.raise(
            Alert(
                alertType: .custom, severity: .high,
                title: "\(failure): \(channel.name)",
                message: """
                    A message about the alert \(alert.id) was given up after \
                    \(delivery.made) attempts.\(isOff)
                    """,
                fingerprint: Self.fingerprint(ofFailing: channel.id),
                context: [Alert.channelKey: .string(channel.id.description)],
                isAutomatic: true))
    }

    private static func fingerprint(ofFailing id: Identifier<NotificationChannel>) -> String {
        "notification_channel:\(id)"
    }

    /// Locks what the failure of a channel changes, or throws that somebody else has it locked.
    private func lockFailure(
        of channel: Identifier<NotificationChannel>, of organization: Identifier<Organization>
    ) throws {
        let lock = transaction.connection.dialect.lock(.available)
        let rows: [Fragment] = [
            "notification_channels WHERE organization_id = \(organization) AND id = \(channel)",
            """
            alerts WHERE organization_id = \(organization) AND project_id IS NULL \
            AND fingerprint = \(Self.fingerprint(ofFailing: channel).asName) \
            AND (status <> \(AlertStatus.resolved) OR next_delivery_at IS NOT NULL)
            """,
        ]
        for rows in rows {
            let count = try transaction.integer("SELECT count(*) FROM \(rows)")
            let locked = try transaction.rows("SELECT id FROM \(rows) \(lock)") {
                try $0.next(Identifier<Alert>.self)
            }
            if locked.count < count { throw RowIsLocked() }
        }
    }

    // MARK: Digests

    /// Messages whose leases are over may have been sent by another dispatcher, and are left to it.
    ///
    /// - Returns: The digest, and the messages of alerts that somebody else has locked.
    func digest(
        _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at time: Date
    ) throws -> (digest: DeliveryDigest?, left: [ClaimedDelivery]) {
        let organization = digest?.organizationID ?? claims.first?.alert.organizationID
        guard let organization else { return (nil, []) }
        // One receiver belongs to one organization.
        let own = claims.filter { $0.alert.organizationID == organization }
        let (made, left) = try inside(organization).makeDigest(of: own, in: digest, at: time)
        return (made, left + claims.filter { $0.alert.organizationID != organization })
    }

    private func makeDigest(
        of claims: [ClaimedDelivery], in digest: DeliveryDigest?, at time: Date
    ) throws -> (digest: DeliveryDigest?, left: [ClaimedDelivery]) {
        var leader = try digest.flatMap { try open($0, for: claims.count) }
        var target = leader.flatMap { _ in digest }
        let isNew = target == nil
        var left: [ClaimedDelivery] = []
        var members: [Identifier<Alert>] = []
        let limit = time.addingTimeInterval(Self.restOfDigest)
        for claim in claims where claim.delivery.id != target?.deliveryID {
            let found: Alert?
            do {
                found = try available(claim.alert.id)
            } catch is RowIsLocked {
                left.append(claim)
                continue
            } catch let error as StoreError where !error.isReported {
                // It comes again when its lease is over, if it can be read then.
                continue
            }
            guard let alert = found, Outbox(alert.deliveries, at: now).holds(claim.delivery) else {
                continue
            }
            if let target {
                try change(alert) {
                    $0.digest(claim.delivery.id, in: target.deliveryID, until: limit)
                }
                members.append(alert.id)
            } else {
                leader = alert
                target = DeliveryDigest(
                    organizationID: alert.organizationID, alertID: alert.id,
                    deliveryID: claim.delivery.id,
                    attempts: claim.delivery.attempts)
            }
        }
        guard var target, let leader else { return (nil, left) }
        let attempts = try change(leader) {
            $0.digest(target.deliveryID, of: members, at: time, isClaimed: isNew)
        }
        target.attempts = attempts ?? target.attempts
        return (target, left)
    }

    /// After what time a message is told by itself if its digest has not ended: longer than the
    /// attempts to send the digest.
    private static let restOfDigest: TimeInterval = 400 * 3600

    /// The alert of a digest that still waits, which nobody has claimed since, or has locked.
    private func open(_ digest: DeliveryDigest, for count: Int) throws -> Alert? {
        let alert: Alert?
        do {
            alert = try self.alert(digest.alertID, lock: .available)
        } catch let error as StoreError where !error.isReported {
            return nil
        }
        let leader = alert?.deliveries.first { $0.id == digest.deliveryID }
        guard let leader, leader.state == .pending, leader.attempts == digest.attempts,
            leader.digested.count + count <= DeliveryDigest.maximumAlerts
        else { return nil }
        return alert
    }

    @discardableResult
    private func change<Value>(_ alert: Alert, _ body: (inout Outbox) -> Value) throws -> Value {
        var outbox = Outbox(alert.deliveries, at: now)
        let value = body(&outbox)
        try alerts.store(outbox, of: alert)
        return value
    }

    // MARK: Reading

    /// An alert, also one whose deployment is deleted.
    private func alert(_ id: Identifier<Alert>, lock: RowLock? = nil) throws -> Alert? {
        try rows(alerts.row(id), lock: lock).first
    }

    /// An alert, locked; `nil` when it is purged.
    private func available(_ id: Identifier<Alert>) throws -> Alert? {
        if let alert = try alert(id, lock: .available) { return alert }
        let count = try transaction.integer("SELECT count(*) FROM alerts WHERE \(alerts.row(id))")
        if count > 0 { throw RowIsLocked() }
        return nil
    }

    private func rows(_ condition: Fragment, lock: RowLock?) throws -> [Alert] {
        let clause = lock.map(transaction.connection.dialect.lock) ?? ""
        return try transaction.rows(
            "\(Alert.table.selection)\(condition) \(clause)", Alert.init(from:))
    }
}

/// Somebody else has locked a row that has to be changed.
private struct RowIsLocked: Error {}
