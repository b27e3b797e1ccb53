package import Foundation

/// Claims messages of all organizations, and records what came of them.
struct AlertDispatch {
    let transaction: SQLTransaction

    private var alerts: SQLRepository<Alert> { SQLRepository<Alert>(transaction) }
    private var now: Date { transaction.now }

    /// How long the messages of an organization that is not served wait.
    private static let restOfOrganization: TimeInterval = 3600

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
        for (id, organization) in due {
            guard try names.isServed(organization) else {
                try postpone(id, by: Self.restOfOrganization)
                continue
            }
            do {
                claims += try transaction.savepoint {
                    guard let alert = try alert(id) else { return [] }
                    return try claim(alert, lease: lease, &names)
                }
            } catch let error as StoreError where !error.isReported {
                // One that cannot be read does not keep the others waiting.
                try postpone(id, by: Self.restOfOrganization)
            }
        }
        return ClaimedDeliveries(deliveries: claims, hasMore: due.count == limit)
    }

    private func postpone(_ id: Identifier<Alert>, by seconds: TimeInterval) throws {
        try transaction.execute(
            """
            UPDATE alerts SET next_delivery_at = \(now.addingTimeInterval(seconds)) \
            WHERE id = \(id)
            """)
    }

    private func claim(
        _ stored: Alert, lease: TimeInterval, _ names: inout DispatchNames
    ) throws -> [ClaimedDelivery] {
        var alert = stored
        var outbox = Outbox(alert.deliveries, at: now)
        try wake(&alert, &outbox)
        var claims: [ClaimedDelivery] = []
        for delivery in outbox.claim(lease: lease) {
            let channel = try names.channel(delivery.channelID)
            if let channel, channel.isActive, channel.deletedAt == nil {
                claims.append(try claimed(alert, delivery, outbox, channel, &names))
            } else {
                let error = "The channel is switched off or deleted."
                let ended = outbox.end(
                    DeliveryResult(
                        alert: alert.id, delivery: delivery.id, attempt: delivery.attempts,
                        .failed, error: error), of: alert)
                if let ended { try finish(ended, of: alert) }
            }
        }
        try alerts.store(outbox, of: alert, ", snoozed_until = \(alert.snoozedUntil)")
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
            channel: channel, projectName: try names.project(alert.projectID),
            deploymentName: try names.deployment(alert.deploymentID),
            others: try others.compactMap { try digested($0, by: delivery, &names) })
    }

    private func digested(
        _ id: Identifier<Alert>, by digest: AlertDelivery, _ names: inout DispatchNames
    ) throws -> DigestedAlert? {
        guard let alert = try alert(id) else { return nil }
        let delivery = alert.deliveries.last { $0.digestID == digest.id }
        return DigestedAlert(
            alert: alert, event: delivery?.event ?? .triggered,
            projectName: try names.project(alert.projectID),
            deploymentName: try names.deployment(alert.deploymentID))
    }

    // MARK: Ending

    /// - Returns: The results of alerts that somebody else has locked.
    func end(_ results: [DeliveryResult]) throws -> [DeliveryResult] {
        try results.sorted { $0.alertID < $1.alertID }.filter { result in
            do {
                return try transaction.savepoint { try !end(result) }
            } catch let error as StoreError where !error.isReported {
                // An alert that cannot be read: its message comes again, if it can be read then.
                return false
            }
        }
    }

    /// - Returns: Whether the result was recorded.
    private func end(_ result: DeliveryResult) throws -> Bool {
        guard let alert = try alert(result.alertID, lock: .available) else {
            return try transaction.integer(
                "SELECT count(*) FROM alerts WHERE id = \(result.alertID)") == 0
        }
        var outbox = Outbox(alert.deliveries, at: now)
        guard let delivery = outbox.end(result, of: alert) else { return true }
        try alerts.store(outbox, of: alert)
        guard delivery.state != .pending else { return true }
        try finish(delivery, of: alert)
        if delivery.state == .failed {
            try tellOfFailure(delivery, of: alert, isGone: result.outcome == .gone)
        }
        return true
    }

    /// Records the end of a message, and ends those that it tells.
    private func finish(_ delivery: AlertDelivery, of alert: Alert) throws {
        for id in delivery.digested {
            guard let other = try self.alert(id, lock: .exclusive) else { continue }
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
            "attempts": .int(Int64(delivery.attempts)),
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
        _ = try SQLRepository<Alert>(transaction.within(alert.organizationID)).raise(
            Alert(
                alertType: .custom, severity: .high,
                title: "\(failure): \(channel.name)",
                message: """
                    A message about the alert \(alert.id) was given up after \
                    \(delivery.attempts) attempts.\(isOff)
                    """,
                fingerprint: "notification_channel:\(channel.id)",
                context: [Alert.channelKey: .string(channel.id.description)],
                isAutomatic: true))
    }

    // MARK: Digests

    func digest(
        _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at time: Date
    ) throws -> DeliveryDigest? {
        var members = claims
        var target = try digest.flatMap { try isOpen($0, for: claims.count) ? $0 : nil }
        let isNew = target == nil
        if isNew, let first = members.first {
            members.removeFirst()
            target = DeliveryDigest(
                alertID: first.alert.id, deliveryID: first.delivery.id,
                attempts: first.delivery.attempts)
        }
        guard var target else { return nil }
        members.removeAll { $0.delivery.id == target.deliveryID }
        let limit = time.addingTimeInterval(Self.restOfDigest)
        for member in members {
            try change(member.alert.id) {
                $0.digest(member.delivery.id, in: target.deliveryID, until: limit)
            }
        }
        let attempts = try change(target.alertID) {
            $0.digest(
                target.deliveryID, of: members.map(\.alert.id), at: time, isClaimed: isNew)
        }
        target.attempts = attempts.flatMap(\.self) ?? target.attempts
        return target
    }

    /// After what time a message is told by itself if its digest has not ended: longer than the
    /// attempts to send the digest.
    private static let restOfDigest: TimeInterval = 100 * 3600

    /// Whether a digest still waits, and nobody has claimed it since.
    private func isOpen(_ digest: DeliveryDigest, for count: Int) throws -> Bool {
        let alert = try alert(digest.alertID, lock: .exclusive)
        let leader = alert?.deliveries.first { $0.id == digest.deliveryID }
        guard let leader, leader.state == .pending, leader.attempts == digest.attempts else {
            return false
        }
        return leader.digested.count + count <= DeliveryDigest.maximumAlerts
    }

    @discardableResult
    private func change<Value>(
        _ id: Identifier<Alert>, _ body: (inout Outbox) -> Value
    ) throws -> Value? {
        guard let alert = try alert(id, lock: .exclusive) else { return nil }
        var outbox = Outbox(alert.deliveries, at: now)
        let value = body(&outbox)
        try alerts.store(outbox, of: alert)
        return value
    }

    // MARK: Reading

    /// An alert, also one whose deployment is deleted.
    private func alert(_ id: Identifier<Alert>, lock: RowLock? = nil) throws -> Alert? {
        try rows("id = \(id)", lock: lock).first
    }

    private func rows(_ condition: Fragment, lock: RowLock?) throws -> [Alert] {
        let clause = lock.map(transaction.connection.dialect.lock) ?? ""
        return try transaction.rows(
            "\(Alert.table.selection)\(condition) \(clause)", Alert.init(from:))
    }
}

extension SQLTransaction {
    /// See ``SystemAccess/claimDeliveries(limit:lease:)``.
    package func claimDeliveries(limit: Int, lease: TimeInterval) throws -> ClaimedDeliveries {
        guard (1...10_000).contains(limit), (1...86_400).contains(lease) else {
            throw StoreError(
                .invalidValue, "The limit is 1 to 10,000, and the lease 1 to 86,400 seconds.",
                entity: Alert.entityName, field: "limit")
        }
        return try AlertDispatch(transaction: self).claim(limit: limit, lease: lease)
    }

    /// See ``SystemAccess/endDeliveries(_:)``.
    @discardableResult
    package func endDeliveries(_ results: [DeliveryResult]) throws -> [DeliveryResult] {
        try AlertDispatch(transaction: self).end(results)
    }

    /// See ``SystemAccess/digestDeliveries(_:in:at:)``.
    package func digestDeliveries(
        _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at time: Date
    ) throws -> DeliveryDigest? {
        try AlertDispatch(transaction: self).digest(claims, in: digest, at: time)
    }
}

/// Looks up names once in a transaction.
private struct DispatchNames {
    let transaction: SQLTransaction
    private var served: [Identifier<Organization>: Bool] = [:]
    private var channels: [Identifier<NotificationChannel>: NotificationChannel?] = [:]
    private var projects: [Identifier<Project>: String?] = [:]
    private var deployments: [Identifier<Deployment>: String?] = [:]

    init(transaction: SQLTransaction) { self.transaction = transaction }

    mutating func isServed(_ id: Identifier<Organization>) throws -> Bool {
        if let known = served[id] { return known }
        let organization = try SQLRepository<Organization>(transaction).findIfExists(id)
        let isServed =
            organization.map { $0.isActive && $0.subscriptionStatus != .suspended } ?? false
        served[id] = isServed
        return isServed
    }

    /// A channel, also a deleted one.
    mutating func channel(_ id: Identifier<NotificationChannel>) throws -> NotificationChannel? {
        if let known = channels[id] { return known }
        let channel = try transaction.rows(
            "\(NotificationChannel.table.selection)id = \(id)", NotificationChannel.init(from:)
        ).first
        channels[id] = .some(channel)
        return channel
    }

    mutating func project(_ id: Identifier<Project>?) throws -> String? {
        guard let id else { return nil }
        if let known = projects[id] { return known }
        let name = try SQLRepository<Project>(transaction).findIfExists(id)?.name
        projects[id] = .some(name)
        return name
    }

    mutating func deployment(_ id: Identifier<Deployment>?) throws -> String? {
        guard let id else { return nil }
        if let known = deployments[id] { return known }
        let name = try SQLRepository<Deployment>(transaction).findIfExists(id)?.name
        deployments[id] = .some(name)
        return name
    }
}
