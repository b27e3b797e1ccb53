import Foundation
import MLOpsCore

/// Whom a message goes to: ids name channels within an organization alone.
struct Receiver: Hashable {
    let organization: Identifier<Organization>
    let channel: Identifier<NotificationChannel>

    init(of claim: ClaimedDelivery) {
        organization = claim.channel.organizationID
        channel = claim.channel.id
    }
}

/// What a dispatcher holds at a time.
struct DispatcherState {
    var isStopping = false
    /// When something is due; `nil` while nothing is known to be.
    var due: Date?
    /// The same for those who look at silent deployments.
    var check: Date?
    /// When the last message that had to wait for its turn has it.
    var turn: Date?
    var results: [Ended] = []
    /// The attempts under way.
    var attempts: [Int: Attempt] = [:]
    private var lastAttempt = 0
    /// What waits for its turn, by channel.
    var queues: [Receiver: [Waiting]] = [:]
    var channels: [Receiver: ChannelTraffic] = [:]
    private var hanging: Set<Receiver> = []
    var summary = NotificationDispatcher.Summary()
    var generator = SystemRandomNumberGenerator()

    var held: Int { attempts.count + queues.values.reduce(0) { $0 + $1.count } }
    /// Whether nothing is under way but the recording of results.
    var isQuiet: Bool { attempts.isEmpty && queues.isEmpty }
    var isIdle: Bool { isQuiet && results.isEmpty }

    /// A claimed message that waits for its turn.
    struct Waiting {
        let claim: ClaimedDelivery
        /// When it was claimed, or before: its lease begins with the claim.
        let claimed: ContinuousClock.Instant
        /// When it began to wait.
        var since = ContinuousClock.now
        /// Whether it has a place to wait; what was just claimed has none yet.
        var hasPlace = false
    }

    /// An attempt under way.
    struct Attempt {
        let channel: Receiver
        /// When the sender was called; before that, only the store can be slow.
        var since: ContinuousClock.Instant?
    }

    /// What came of a message.
    struct Ended {
        let result: DeliveryResult
        /// Whether it was looked at to be sent, and not only put off.
        let isAttempt: Bool
    }

    /// What is to be done with messages that had their turn.
    struct Work {
        var sending: [(attempt: Int, message: Waiting)] = []
        var digests: [Receiver: (at: Date, messages: [Waiting])] = [:]
    }
}

extension DispatcherState {
    /// Takes from the queues what has its turn; what is put off is among the results.
    mutating func advance(_ options: DispatcherOptions, now: Date) -> Work {
        var places = Places(self, options.concurrency)
        var work = Work()
        // In no order that lets the same channels go first each time.
        for id in Array(queues.keys).shuffled(using: &generator) {
            advance(id, options, now: now, &places, &work)
        }
        return work
    }

    private mutating func advance(
        _ id: Receiver, _ options: DispatcherOptions, now: Date,
        _ places: inout Places, _ work: inout Work
    ) {
        guard let queue = queues.removeValue(forKey: id), let first = queue.first else { return }
        let channel = first.claim.channel
        var traffic =
            channels[id].flatMap { $0.type == channel.channelType ? $0 : nil }
            ?? ChannelTraffic(channel.channelType, options, organization: channel.organizationID)
        var waiting: [Waiting] = []
        var postponed = 0
        for message in queue {
            let claim = message.claim
            if message.hasPlace { places.leave(traffic) }
            let isDigest =
                claim.alertCount > 1 || claim.delivery.id == traffic.digest?.deliveryID
            let plan = traffic.plan(
                isDigest: isDigest, waiting: waiting.count + postponed,
                room: places.room(for: traffic), now: now)
            switch plan {
            case .send:
                places.start(traffic)
                lastAttempt += 1
                attempts[lastAttempt] = Attempt(channel: id)
                work.sending.append((lastAttempt, message))
            case .wait where .now - message.since < options.longestWait:
                places.enter(traffic)
                waiting.append(message)
                waiting[waiting.count - 1].hasPlace = true
            case .wait:
                postponed += 1
                postpone(claim, until: now + ChannelTraffic.patience)
            case .postpone(let time):
                postponed += 1
                postpone(claim, until: time)
            case .digest(let time):
                work.digests[id, default: (time, [])].messages.append(message)
            }
        }
        channels[id] = traffic
        if !waiting.isEmpty { queues[id] = waiting }
    }

    /// Gives a message back, which is taken again at a time.
    mutating func postpone(_ claim: ClaimedDelivery, until time: Date) {
        turn = max(turn ?? time, time)
        results.append(
            Ended(result: DeliveryResult(claim, .postponed(until: time)), isAttempt: false))
    }

    /// Notes which receivers are slow just now, and forgets channels of which there are many.
    mutating func look(at now: Date) {
        for id in hanging { channels[id]?.hangs = false }
        hanging = []
        let patience = Duration.seconds(ChannelTraffic.patience)
        for attempt in attempts.values {
            guard let since = attempt.since, .now - since > patience else { continue }
            hanging.insert(attempt.channel)
            channels[attempt.channel]?.hangs = true
        }
        guard channels.count > Self.mostChannels else { return }
        for (id, traffic) in channels where traffic.isIdle(at: now) && traffic.pace != .slow {
            channels[id] = nil
        }
        guard channels.count > Self.mostChannels else { return }
        for (id, traffic) in channels where traffic.isIdle(at: now) { channels[id] = nil }
    }

    /// Of how many channels is known how fast they are.
    private static let mostChannels = 10_000

    /// An attempt has ended.
    mutating func end(_ id: Int, with result: DeliveryResult) {
        results.append(Ended(result: result, isAttempt: true))
        guard let attempt = attempts.removeValue(forKey: id) else { return }
        let seconds = attempt.since.map { (.now - $0).inSeconds }
        channels[attempt.channel]?.end(after: seconds)
    }
}

extension DispatcherOptions {
    /// How long a message waits for its turn at most: its lease must suffice for the attempt too.
    var longestWait: Duration { min(.seconds(30), lease / 4) }
}

/// Who holds the places of a dispatcher.
///
/// A receiver that hangs keeps its places for as long as an attempt may take. What is slow, and
/// what is not known to be fast, has a share of the places in all and a smaller one in each
/// organization, so that there are always places for receivers that answer.
private struct Places {
    struct Share {
        var slow = 0
        var unknown = 0
        var inFlight = 0
        var held = 0

        mutating func add(_ count: Int, _ pace: ChannelTraffic.Pace) {
            held += count
            switch pace {
            case .slow: slow += count
            case .unknown: unknown += count
            case .fast: break
            }
        }
    }

    private let concurrency: Int
    private var all = Share()
    private var organizations: [Identifier<Organization>: Share] = [:]

    init(_ state: DispatcherState, _ concurrency: Int) {
        self.concurrency = concurrency
        for (id, queue) in state.queues {
            guard let channel = queue.first?.claim.channel else { continue }
            let pace = state.channels[id]?.pace ?? .unknown
            add(queue.count(where: \.hasPlace), pace, attempts: 0, of: channel.organizationID)
        }
        for attempt in state.attempts.values {
            guard let traffic = state.channels[attempt.channel] else { continue }
            add(1, traffic.pace, attempts: 1, of: traffic.organization)
        }
    }

    private mutating func add(
        _ count: Int, _ pace: ChannelTraffic.Pace, attempts: Int, of id: Identifier<Organization>
    ) {
        all.add(count, pace)
        all.inFlight += attempts
        organizations[id, default: Share()].add(count, pace)
        organizations[id, default: Share()].inFlight += attempts
    }

    /// A message takes a place to wait.
    mutating func enter(_ traffic: ChannelTraffic) {
        add(1, traffic.pace, attempts: 0, of: traffic.organization)
    }

    /// A message leaves its place.
    mutating func leave(_ traffic: ChannelTraffic) {
        add(-1, traffic.pace, attempts: 0, of: traffic.organization)
    }

    /// An attempt takes a place.
    mutating func start(_ traffic: ChannelTraffic) {
        add(1, traffic.pace, attempts: 1, of: traffic.organization)
    }

    func room(for traffic: ChannelTraffic) -> ChannelTraffic.Room {
        let own = organizations[traffic.organization] ?? Share()
        let hasPlace =
            switch traffic.pace {
            case .slow: own.slow < max(1, concurrency / 8) && all.slow < max(1, concurrency / 2)
            case .unknown:
                own.unknown < max(1, concurrency / 4) && all.unknown < max(1, concurrency / 2)
            case .fast: !traffic.takesTime || own.held < max(1, concurrency / 2)
            }
        guard hasPlace else { return .none }
        return own.inFlight < max(1, concurrency / 2) ? .free : .full
    }
}
