import Foundation
import MLOpsCore

/// What one dispatcher sends through one channel, and how fast it may.
///
/// It keeps the limits of the services (Slack one message a second, Teams four, PagerDuty 120 a
/// minute), and does not let a receiver that is slow hold up others.
struct ChannelTraffic {
    /// What becomes of a message.
    enum Plan: Equatable {
        case send
        /// Its turn comes later, or when another one has ended.
        case wait
        case postpone(until: Date)
        case digest(at: Date)
    }

    private let type: NotificationChannelType
    private let limits: DispatcherOptions
    private var start = Date.distantPast
    private var sent = 0
    private var nextSlot = Date.distantPast
    /// When the last message that was put off has its turn.
    private var backlog = Date.distantPast
    private var inFlight = 0
    /// How long an attempt takes, in seconds.
    private var duration = 0.01
    /// The digest of the minute.
    var digest: DeliveryDigest?

    init(_ type: NotificationChannelType, _ limits: DispatcherOptions) {
        self.type = type
        self.limits = limits
    }

    /// How many seconds a message may wait here, instead of in the store.
    static let patience = 2.0

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
    ///
    /// - Parameter waiting: How many messages wait before it.
    mutating func plan(isDigest: Bool, waiting: Int = 0, now: Date) -> Plan {
        // A clock that was set back starts a new minute.
        if now < start { backlog = now }
        if now >= start + 60 || now < start { (start, sent, digest) = (now, 0, nil) }
        if nextSlot > now + 3600 { nextSlot = now }
        if isForPeople {
            // What waits counts as well, so that a burst is a digest at once.
            if !isDigest, sent + waiting >= limits.digestAfter { return .digest(at: start + 60) }
            if isFull || nextSlot > now { return .wait }
        } else {
            let turn = isFull ? duration / Double(limits.channelConcurrency) : interval
            let rest = max(0, nextSlot.timeIntervalSince(now)) + turn * Double(waiting)
            // Whoever comes back from the store has its turn then: they are spread over it.
            guard rest <= Self.patience else {
                backlog = max(backlog + turn, now + rest)
                return .postpone(until: backlog)
            }
            if isFull || nextSlot > now { return .wait }
        }
        nextSlot = now + interval
        inFlight += 1
        sent += 1
        return .send
    }

    /// When the next message may be sent, if no other has to end first.
    var slot: Date? { isFull ? nil : nextSlot }

    private var isFull: Bool { inFlight >= limits.channelConcurrency }

    /// Whether nothing is known that decides about the next message.
    func isIdle(at now: Date) -> Bool {
        inFlight == 0 && now >= start + 60 && now >= nextSlot
    }

    /// An attempt has ended.
    mutating func end(after seconds: Double) {
        inFlight = max(0, inFlight - 1)
        duration = 0.8 * duration + 0.2 * max(0.001, seconds)
    }
}
