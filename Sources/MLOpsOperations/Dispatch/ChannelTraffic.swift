import Foundation
import MLOpsCore

/// What one dispatcher sends through one channel, and how fast it may.
///
/// It keeps the limits of the services (Slack one message a second, Teams four, PagerDuty 120 a
/// minute), and does not let a receiver that is slow hold up others.
struct ChannelTraffic {
    /// What becomes of a message.
    enum Plan: Equatable {
        case send(at: Date)
        case postpone(until: Date)
        case digest(at: Date)
    }

    private let type: NotificationChannelType
    private let limits: DispatcherOptions
    private var start = Date.distantPast
    private var sent = 0
    private var nextSlot = Date.distantPast
    private var inFlight = 0
    /// How long an attempt takes, in seconds.
    private var duration = 0.01
    /// The digest of the minute.
    var digest: DeliveryDigest?

    init(_ type: NotificationChannelType, _ limits: DispatcherOptions) {
        self.type = type
        self.limits = limits
    }

    /// How long a message may wait here, instead of in the store.
    private static let patience = 2.0

    private var interval: Double {
        switch type {
        case .slack: 1
        case .teams: 0.25
        case .pagerDuty: 0.5
        case .webhook, .email: 0
        }
    }

    private var isForPeople: Bool { [.slack, .teams, .email].contains(type) }

    /// Decides about a message; one that is sent counts as under way.
    mutating func plan(isDigest: Bool, now: Date) -> Plan {
        // A clock that was set back starts a new minute.
        if now >= start + 60 || now < start { (start, sent, digest) = (now, 0, nil) }
        if isForPeople, !isDigest, sent >= limits.digestAfter { return .digest(at: start + 60) }
        if nextSlot > now + 3600 { nextSlot = now }
        let slot = max(now, nextSlot)
        nextSlot = slot + max(interval, isFull ? duration / Double(limits.channelConcurrency) : 0)
        guard !isFull, slot.timeIntervalSince(now) <= Self.patience else {
            return .postpone(until: max(slot, now + duration))
        }
        inFlight += 1
        sent += 1
        return .send(at: slot)
    }

    private var isFull: Bool { inFlight >= limits.channelConcurrency }

    /// An attempt has ended.
    mutating func end(after seconds: Double) {
        inFlight = max(0, inFlight - 1)
        duration = 0.8 * duration + 0.2 * max(0.001, seconds)
    }
}
