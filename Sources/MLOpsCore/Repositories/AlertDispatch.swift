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

    func claim(limit: Int, lease: TimeInterval) throws -> [ClaimedDelivery] {
        let due = try rows(
            "next_delivery_at <= \(now) ORDER BY next_delivery_at, id LIMIT \(limit)",
            lock: .available)
        var names = DispatchNames(transaction: transaction)
        var claims: [ClaimedDelivery] = []
        for alert in due {
            guard try names.isServed(alert.organizationID) else {
                let time = now.addingTimeInterval(Self.restOfOrganization)
                try alerts.postpone(alert, until: time)
                continue
            }
            claims += try claim(alert, lease: lease, &names)
        }
        return claims
    }

    private func claim(
        _ stored: Alert, lease: TimeInterval, _ names: inout DispatchNames
    ) throws -> [ClaimedDelivery] {
        var alert = stored
        var outbox = Outbox(alert.deliveries, at: now)
        if let time = alert.snoozedUntil, time <= now, alert.status != .resolved {
            alert.snoozedUntil = nil
            if alert.status == .open {
                outbox.remind(alert, by: try alerts.firingRules(for: alert))
            }
        }
        let reminded = outbox.takeReminders()
        if !reminded.isEmpty, alert.status == .open {
            let rules = try alerts.firingRules(for: alert).filter {
                reminded.contains($0.channelID) && $0.conditions.reminderSeconds != nil
            }
            outbox.remind(alert, by: rules)
        }
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
            others: try others.compactMap { try self.alert($0) })
    }

    // MARK: Ending

    func end(_ results: [DeliveryResult]) throws {
        for result in results.sorted(by: { $0.alertID < $1.alertID }) {
            guard let alert = try alert(result.alertID, lock: .exclusive) else { continue }
            var outbox = Outbox(alert.deliveries, at: now)
            guard let delivery = outbox.end(result, of: alert) else { continue }
            try alerts.store(outbox, of: alert)
            guard delivery.state != .pending else { continue }
            try finish(delivery, of: alert)
            if delivery.state == .failed {
                try tellOfFailure(delivery, of: alert, isGone: result.outcome == .gone)
            }
        }
    }

    /// Records the end of a message, and ends those that it tells.
    private func finish(_ delivery: AlertDelivery, of alert: Alert) throws {
        for id in delivery.digested {
            guard let other = try self.alert(id, lock: .exclusive) else { continue }
            var outbox = Outbox(other.deliveries, at: now)
            outbox.endDigested(delivery)
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
        let failure = isGone ? "The receiver is gone" : "Messages cannot be delivered"
        let isOff = isGone ? " The channel is switched off." : ""
        _ = try SQLRepository<Alert>(transaction.within(alert.organizationID)).raise(
            Alert(
                alertType: .custom, severity: .high,
                title: "\(failure): \(channel.name)",
                message: """
                    A message about "\(alert.title)" was given up after \
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
        var target = digest
        var room = DeliveryDigest.maximumAlerts
        if let waiting = target {
            let alert = try alert(waiting.alertID, lock: .exclusive)
            let leader = alert?.deliveries.first { $0.id == waiting.deliveryID }
            room -= leader?.digested.count ?? room
            let isWaiting = leader?.state == .pending && room >= claims.count
            if !isWaiting { target = nil }
        }
        if target == nil, let first = members.first {
            target = DeliveryDigest(alertID: first.alert.id, deliveryID: first.delivery.id)
            members.removeFirst()
        }
        guard let target else { return nil }
        for member in members {
            try change(member.alert.id) { $0.digest(member.delivery.id, in: target.deliveryID) }
        }
        try change(target.alertID) {
            $0.digest(target.deliveryID, of: members.map(\.alert.id), at: time)
        }
        return target
    }

    private func change(_ id: Identifier<Alert>, _ body: (inout Outbox) -> Void) throws {
        guard let alert = try alert(id, lock: .exclusive) else { return }
        var outbox = Outbox(alert.deliveries, at: now)
        body(&outbox)
        try alerts.store(outbox, of: alert)
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
    package func claimDeliveries(limit: Int, lease: TimeInterval) throws -> [ClaimedDelivery] {
        guard (1...10_000).contains(limit), (1...86_400).contains(lease) else {
            throw StoreError(
                .invalidValue, "The limit is 1 to 10,000, and the lease 1 to 86,400 seconds.",
                entity: Alert.entityName, field: "limit")
        }
        return try AlertDispatch(transaction: self).claim(limit: limit, lease: lease)
    }

    /// See ``SystemAccess/endDeliveries(_:)``.
    package func endDeliveries(_ results: [DeliveryResult]) throws {
        try AlertDispatch(transaction: self).end(results)
    }

    /// See ``SystemAccess/digestDeliveries(_:in:at:)``.
    package func digestDeliveries(
        _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at time: Date
    ) throws -> DeliveryDigest? {
        try AlertDispatch(transaction: self).digest(claims, in: digest, at: time)
    }
}

extension SQLRepository where Record == Alert {
    fileprivate func postpone(_ alert: Alert, until time: Date) throws {
        try transaction.execute(
            """
            UPDATE alerts SET next_delivery_at = \(time) \
            WHERE organization_id = \(alert.organizationID) AND id = \(alert.id)
            """)
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
