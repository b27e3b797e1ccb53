import Foundation

/// The messages of one alert, and the rules by which they are asked for, held back and told once.
///
/// A channel is told of an alert once: when several rules name it, the shortest cooldown counts.
/// Messages to one channel go in order.
struct Outbox {
    private(set) var deliveries: [AlertDelivery]
    let now: Date

    init(_ deliveries: [AlertDelivery], at now: Date) {
        self.deliveries = deliveries
        self.now = now
    }

    /// The most deliveries that are kept after their end.
    static let kept = 50

    /// What a channel was told of earlier alerts with the same fingerprint.
    struct Earlier {
        /// The last message that was delivered.
        var told: AlertDelivery?
        /// A message that waits for the end of the cooldown, and is told by the new one.
        var held: AlertDelivery?
    }

    // MARK: What happens to the alert

    /// The alert was raised, for the first time or again.
    ///
    /// - Parameter rules: The rules that fire.
    mutating func raise(
        _ alert: Alert, by rules: [NotificationRule],
        after earlier: [Identifier<NotificationChannel>: Earlier] = [:]
    ) {
        for rule in Self.oneForEachChannel(rules) {
            if let index = waiting(rule.channelID) {
                // What waits is made of the alert when it is sent, and tells this as well.
                let isGraver = alert.severity > deliveries[index].severity
                deliveries[index].count += 1
                if deliveries[index].attempts == 0 {
                    deliveries[index].severity = max(deliveries[index].severity, alert.severity)
                    if isGraver { deliveries[index].nextAttemptAt = now }
                } else if isGraver {
                    add(.escalated, rule, alert)
                }
            } else if let told = told(rule.channelID) {
                if alert.severity > told.severity {
                    add(.escalated, rule, alert)
                } else if alert.isLoud(at: now), end(of: rule, after: told) <= now {
                    add(.reminder, rule, alert)
                }
            } else if alert.status != .acknowledged, !alert.isSnoozed(at: now) {
                let before = earlier[rule.channelID]
                var due = before?.held?.nextAttemptAt ?? now
                if let told = before?.told { due = end(of: rule, after: told) }
                let severity = max(before?.told?.severity ?? .info, before?.held?.severity ?? .info)
                if before != nil, alert.severity > severity { due = now }
                add(.triggered, rule, alert, count: 1 + (before?.held?.count ?? 0), at: due)
            }
        }
    }

    /// Reminds of the alert, at the end of its snooze or when a rule asks for it.
    ///
    /// A channel whose rules do not fire now is reminded later.
    mutating func remind(_ alert: Alert, by rules: [NotificationRule]) {
        for channel in dueReminders { scheduleReminder(channel, of: alert) }
        for rule in Self.oneForEachChannel(rules) where waiting(rule.channelID) == nil {
            let event: AlertEvent = told(rule.channelID) == nil ? .triggered : .reminder
            add(event, rule, alert)
        }
    }

    /// The alert was acknowledged, or is quiet: nobody is told what waits, or reminded.
    mutating func quiet() {
        stopReminders()
        for channel in channels where held(channel) != nil {
            if let index = waiting(channel) { fold(index) }
        }
    }

    private mutating func stopReminders() {
        for index in deliveries.indices {
            deliveries[index].remindsAt = nil
            let delivery = deliveries[index]
            let isReminder = delivery.event == .reminder && delivery.digested.isEmpty
            if delivery.isUnsent, isReminder { fold(index) }
        }
    }

    /// The alert was resolved, which is told once, and only to who was told of the alert.
    mutating func resolve(_ alert: Alert) {
        stopReminders()
        for channel in channels {
            if held(channel) != nil, let index = waiting(channel) {
                guard told(channel) != nil else {
                    // It came and went within the cooldown: one message tells how often.
                    if deliveries[index].tellsResolution { deliveries[index].event = .resolved }
                    continue
                }
                fold(index)
            }
            let isAsked = deliveries.contains { $0.channelID == channel && $0.endsATelling }
            guard !isAsked,
                let last = deliveries.last(where: {
                    $0.channelID == channel && [.pending, .delivered].contains($0.state)
                }), last.tellsResolution
            else { continue }
            deliveries.append(
                AlertDelivery(
                    rule: last.ruleID, channel: channel, event: .resolved,
                    severity: alert.severity, count: 0, createdAt: now, nextAttemptAt: now))
        }
    }

    /// A later alert with the same fingerprint tells what is held back.
    mutating func foldHeld(_ ids: Set<Identifier<AlertDelivery>>) {
        for index in deliveries.indices where ids.contains(deliveries[index].id) { fold(index) }
    }

    // MARK: What happens to a message

    /// Claims what is due: each has one attempt more, and counts as lost after the lease.
    ///
    /// - Parameter limit: The most messages.
    mutating func claim(lease: TimeInterval, limit: Int = .max) -> [AlertDelivery] {
        var count = 0
        return channels.compactMap { channel in
            while count < limit, let index = first(channel) {
                guard let due = deliveries[index].nextAttemptAt, due <= now else { return nil }
                guard deliveries[index].event != .resolved || isKnown(index) else {
                    fold(index)
                    continue
                }
                let lease = deliveries[index].lease(lease)
                deliveries[index].digestID = nil
                deliveries[index].attempts += 1
                deliveries[index].nextAttemptAt =
                    now.addingTimeInterval(lease).roundedToMicroseconds
                count += 1
                return deliveries[index]
            }
            return nil
        }
    }

    /// Notes what came of an attempt.
    ///
    /// - Returns: The delivery; `nil` when it has ended, or a later attempt decides.
    mutating func end(_ result: DeliveryResult, of alert: Alert) -> AlertDelivery? {
        guard let index = deliveries.firstIndex(where: { $0.id == result.deliveryID }),
            deliveries[index].state == .pending
        else { return nil }
        let isCurrent = isCurrent(result.attempt, result.leaseEnd, deliveries[index])
        guard isCurrent || result.outcome == .delivered else { return nil }
        deliveries[index].lastError = result.error
        switch result.outcome {
        case .delivered:
            end(index, as: .delivered)
            scheduleReminder(deliveries[index].channelID, of: alert)
        case .retry(let time):
            deliveries[index].failures += 1
            deliveries[index].nextAttemptAt = time.roundedToMicroseconds
        case .postponed(let time):
            deliveries[index].attempts -= 1
            deliveries[index].nextAttemptAt = time.roundedToMicroseconds
        case .failed, .gone:
            end(index, as: .failed)
            if deliveries[index].event == .reminder {
                scheduleReminder(deliveries[index].channelID, of: alert)
            }
        }
        return deliveries[index]
    }

    /// Sets when a channel is reminded of what it was told last.
    mutating func scheduleReminder(_ channel: Identifier<NotificationChannel>, of alert: Alert) {
        for index in deliveries.indices where deliveries[index].channelID == channel {
            deliveries[index].remindsAt = nil
        }
        guard alert.isLoud(at: now),
            let index = deliveries.lastIndex(where: {
                $0.channelID == channel && $0.state == .delivered
            }), let seconds = deliveries[index].reminderSeconds
        else { return }
        deliveries[index].remindsAt = now.addingTimeInterval(seconds).roundedToMicroseconds
    }

    /// Sets when channels are reminded, after a time in which they were not.
    mutating func resumeReminders(of alert: Alert) {
        for channel in channels where told(channel) != nil { scheduleReminder(channel, of: alert) }
    }

    /// Whether a claim is the last one of its message, which nobody has given back or ended.
    func holds(_ claim: AlertDelivery) -> Bool {
        guard let index = pending(claim.id) else { return false }
        return isCurrent(claim.attempts, claim.nextAttemptAt, deliveries[index])
    }

    /// An attempt that was given back has the number of the next one, but not its lease.
    private func isCurrent(
        _ attempt: Int, _ leaseEnd: Date?, _ delivery: AlertDelivery
    ) -> Bool {
        delivery.attempts == attempt
            && delivery.nextAttemptAt?.microseconds == leaseEnd?.microseconds
    }

    /// Makes one message tell what another one has to say.
    ///
    /// - Parameter limit: When it is told by itself, if the digest has not ended by then.
    mutating func digest(
        _ id: Identifier<AlertDelivery>, in digest: Identifier<AlertDelivery>, until limit: Date
    ) {
        guard let index = pending(id) else { return }
        deliveries[index].digestID = digest
        deliveries[index].attempts -= 1
        deliveries[index].nextAttemptAt = limit.roundedToMicroseconds
    }

    /// Makes a message a digest of other alerts.
    ///
    /// - Parameter isClaimed: Whether its attempt was claimed for this.
    /// - Returns: The number of its attempts.
    mutating func digest(
        _ id: Identifier<AlertDelivery>, of alerts: [Identifier<Alert>], at time: Date,
        isClaimed: Bool
    ) -> Int? {
        guard let index = pending(id) else { return nil }
        deliveries[index].digested += alerts
        if isClaimed { deliveries[index].attempts -= 1 }
        deliveries[index].nextAttemptAt = time.roundedToMicroseconds
        return deliveries[index].attempts
    }

    private func pending(_ id: Identifier<AlertDelivery>) -> Int? {
        deliveries.firstIndex { $0.id == id && $0.state == .pending }
    }

    /// The state of the digest is the state of each message in it.
    mutating func endDigested(_ digest: AlertDelivery, of alert: Alert) {
        for index in deliveries.indices where deliveries[index].digestID == digest.id {
            guard deliveries[index].state == .pending else { continue }
            deliveries[index].attempts = digest.attempts
            deliveries[index].lastError = digest.lastError
            end(index, as: digest.state)
            scheduleReminder(deliveries[index].channelID, of: alert)
        }
    }

    /// The channels for which a reminder is due.
    var dueReminders: Set<Identifier<NotificationChannel>> {
        Set(
            deliveries.filter { $0.remindsAt.map { $0 <= now } ?? false }.map(\.channelID))
    }

    // MARK: Looking

    /// When something is due next.
    func nextDue(of alert: Alert) -> Date? {
        let firsts = channels.compactMap { first($0) }.map { deliveries[$0].nextAttemptAt }
        let snooze = alert.status == .resolved ? nil : alert.snoozedUntil
        return (firsts + deliveries.map(\.remindsAt) + [snooze]).compactMap(\.self).min()
    }

    /// What is kept: what is due, what each channel was told last, and the newest of the rest.
    var trimmed: [AlertDelivery] {
        var excess = deliveries.count - Self.kept
        guard excess > 0 else { return deliveries }
        let last = Dictionary(
            deliveries.filter { $0.state == .delivered }.map { ($0.channelID, $0.id) },
            uniquingKeysWith: { $1 })
        return deliveries.filter { delivery in
            let isNeeded = delivery.state == .pending || last[delivery.channelID] == delivery.id
            guard !isNeeded, excess > 0 else { return true }
            excess -= 1
            return false
        }
    }

    /// What a channel was told last.
    func told(_ channel: Identifier<NotificationChannel>) -> AlertDelivery? {
        deliveries.last { $0.channelID == channel && $0.state == .delivered }
    }

    /// What waits for the end of a cooldown.
    func held(_ channel: Identifier<NotificationChannel>) -> AlertDelivery? {
        waiting(channel).map { deliveries[$0] }.flatMap { delivery in
            let isLater = delivery.nextAttemptAt.map { $0 > now } ?? false
            // A digest waits for the end of its minute, and tells other alerts too.
            let isDigest = delivery.digestID != nil || !delivery.digested.isEmpty
            let isHeld = delivery.isUnsent && isLater && !isDigest
            return isHeld ? delivery : nil
        }
    }

    /// What waits for a channel and is not about the end of the alert.
    private func waiting(_ channel: Identifier<NotificationChannel>) -> Int? {
        deliveries.lastIndex {
            $0.channelID == channel && $0.state == .pending && !$0.endsATelling
        }
    }

    private func first(_ channel: Identifier<NotificationChannel>) -> Int? {
        deliveries.firstIndex { $0.channelID == channel && $0.state == .pending }
    }

    /// The channels in the order in which they were told.
    private var channels: [Identifier<NotificationChannel>] {
        var seen: Set<Identifier<NotificationChannel>> = []
        return deliveries.map(\.channelID).filter { seen.insert($0).inserted }
    }

    /// Whether the receiver of a resolution was told of the alert, or of an earlier one.
    private func isKnown(_ index: Int) -> Bool {
        let (channel, count) = (deliveries[index].channelID, deliveries[index].count)
        return count > 0
            || deliveries[..<index].contains { $0.channelID == channel && $0.state == .delivered }
    }

    private func end(of rule: NotificationRule, after told: AlertDelivery) -> Date {
        let start = told.endedAt ?? told.createdAt
        return max(now, start.addingTimeInterval(Double(rule.cooldownSeconds)))
    }

    // MARK: Changing

    private mutating func add(
        _ event: AlertEvent, _ rule: NotificationRule, _ alert: Alert, count: Int = 1,
        at time: Date? = nil
    ) {
        deliveries.append(
            AlertDelivery(
                rule: rule.id, channel: rule.channelID, event: event, severity: alert.severity,
                count: count, createdAt: now, nextAttemptAt: time ?? now,
                reminderSeconds: rule.conditions.reminderSeconds,
                tellsResolution: rule.conditions.tellsResolution))
    }

    private mutating func fold(_ index: Int) { end(index, as: .folded) }

    private mutating func end(_ index: Int, as state: AlertDeliveryState) {
        deliveries[index].state = state
        deliveries[index].nextAttemptAt = nil
        deliveries[index].endedAt = now
    }

    /// The rules by channel, each channel with the rule of the shortest cooldown, and with what any
    /// of its rules asks for.
    private static func oneForEachChannel(_ rules: [NotificationRule]) -> [NotificationRule] {
        guard rules.count > 1 else { return rules }
        let byChannel = Dictionary(grouping: rules, by: \.channelID)
        let merged = byChannel.values.compactMap { rules -> NotificationRule? in
            let first = rules.min { ($0.cooldownSeconds, $0.id) < ($1.cooldownSeconds, $1.id) }
            guard var first else { return nil }
            first.conditions.reminderSeconds = rules.compactMap(\.conditions.reminderSeconds).min()
            first.conditions.tellsResolution = rules.contains(where: \.conditions.tellsResolution)
            return first
        }
        return merged.sorted { $0.id < $1.id }
    }
}
