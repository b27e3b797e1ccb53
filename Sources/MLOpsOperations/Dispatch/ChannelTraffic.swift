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

    /// What is known of the receiver.
    enum Pace {
        /// It has not answered yet.
        case unknown
        case fast
        /// It takes seconds, or an attempt under way does.
        case slow
    }

    /// What the dispatcher has left for the channel.
    enum Room {
        case free
        /// Attempts of others have to end first.
        case full
        /// The message must not even wait here.
        case none
    }

    let organization: Identifier<Organization>
    let type: NotificationChannelType
    private let limits: DispatcherOptions
    private var start = Date.distantPast
    private var sent = 0
    private var nextSlot = Date.distantPast
    /// When the last message that was put off has its turn.
    private var backlog = Date.distantPast
    private(set) var inFlight = 0
    /// How long an attempt takes, in seconds.
    private var duration = 0.01
    private var hasAnswered = false
    /// Whether an attempt under way takes longer than a message may wait here.
    var hangs = false
    /// The digest of the minute.
    var digest: DeliveryDigest?

    init(
        _ type: NotificationChannelType, _ limits: DispatcherOptions,
        organization: Identifier<Organization> = Identifier()
    ) {
        self.type = type
        self.limits = limits
        self.organization = organization
    }

    /// How many seconds a message may wait here, instead of in the store; a receiver that takes
    /// longer is slow.
    static let patience = 2.0

    /// Over how many seconds the messages to a slow receiver are spread.
    ///
    /// When it is fast again, none waits longer.
    private static let spread = 300.0

    private var interval: Double {
        switch type {
        case .slack: 1
        case .teams: 0.25
        case .pagerDuty: 0.5
        case .webhook, .email: 0
        }
    }

    private var isForPeople: Bool { [.slack, .teams, .email].contains(type) }

    var pace: Pace {
        if hangs || duration > Self.patience { return .slow }
        return hasAnswered ? .fast : .unknown
    }

    /// Whether it takes so long that its messages keep many places, though it is not slow.
    var takesTime: Bool { duration > 0.25 }

    /// How many attempts may be under way.
    ///
    /// A receiver that hangs keeps each for as long as an attempt may take, so only one that has
    /// answered in time gets all.
    private var concurrency: Int {
        pace == .fast ? limits.channelConcurrency : max(1, limits.channelConcurrency / 4)
    }

    /// Decides about a message; one that is sent counts as under way.
    ///
    /// - Parameters:
    ///   - waiting: How many messages wait before it, here or put off just now.
    ///   - room: What the dispatcher has left.
    mutating func plan(
        isDigest: Bool, waiting: Int = 0, room: Room = .free, now: Date
    ) -> Plan {
        // A clock that was set back starts a new minute.
        if now < start { backlog = now }
        if now >= start + 60 || now < start { (start, sent, digest) = (now, 0, nil) }
        if nextSlot > now + 3600 { nextSlot = now }
        // What waits counts as well, so that a burst is a digest at once.
        if isForPeople, !isDigest, sent + waiting >= limits.digestAfter {
            return .digest(at: start + 60)
        }
        if room == .free, !isFull, nextSlot <= now {
            nextSlot = now + interval
            inFlight += 1
            sent += 1
            return .send
        }
        let turn = max(interval, isFull ? duration / Double(concurrency) : 0)
        let rest = max(0, nextSlot.timeIntervalSince(now)) + turn * Double(waiting)
        if mayWait(for: rest, behind: waiting), room != .none { return .wait }
        // People are told what a slow receiver cannot take one by one all the same.
        if isForPeople, !isDigest, pace == .slow { return .digest(at: start + 60) }
        // Whoever comes back from the store has its turn then: they are spread over it.
        let least = pace == .slow || room == .none ? 1 : 0.25
        let first = now + (pace == .slow ? least : max(rest, least))
        backlog = max(backlog + turn, first)
        if pace == .slow, backlog > now + Self.spread { backlog = first }
        return .postpone(until: backlog)
    }

    private func mayWait(for seconds: Double, behind waiting: Int) -> Bool {
        if pace == .slow { return false }
        if isForPeople { return true }
        return seconds <= Self.patience
            && (pace == .fast || inFlight + waiting < limits.channelConcurrency)
    }

    /// When the next message may be sent, if no other has to end first.
    var slot: Date? { isFull ? nil : nextSlot }

    private var isFull: Bool { inFlight >= concurrency }

    /// Whether nothing is known that decides about the next message.
    func isIdle(at now: Date) -> Bool {
        inFlight == 0 && now >= start + 60 && now >= nextSlot
    }

    /// An attempt has ended.
    ///
    /// - Parameter seconds: How long the receiver took; `nil` if nothing was sent.
    mutating func end(after seconds: Double?) {
        inFlight = max(0, inFlight - 1)
        guard let seconds else { return }
        hasAnswered = true
        let wasSlow = pace == .slow
        // One that was slow once has to be fast for some time.
        duration =
            seconds > Self.patience
            ? max(duration, seconds) : 0.8 * duration + 0.2 * max(0.001, seconds)
        // What was put off because it was slow is in the store, and not in the way of the next.
        if wasSlow, pace != .slow { backlog = .distantPast }
    }
}
