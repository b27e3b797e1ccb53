import Foundation
import MLOpsCore

/// What a dispatcher holds at a time.
struct DispatcherState {
    var isStopping = false
    /// When something is due; `nil` while nothing is known to be.
    var due: Date?
    /// When the last message that had to wait for its turn has it.
    var turn: Date?
    var results: [Ended] = []
    var inFlight = 0
    /// What waits for its turn, by channel.
    var queues: [Identifier<NotificationChannel>: [Waiting]] = [:]
    var silences = 0
    var channels: [Identifier<NotificationChannel>: ChannelTraffic] = [:]

    var held: Int { inFlight + queues.values.reduce(0) { $0 + $1.count } }
    var isIdle: Bool { inFlight == 0 && results.isEmpty && queues.isEmpty }
    var generator = SystemRandomNumberGenerator()

    /// A claimed message that waits for its turn.
    struct Waiting {
        let claim: ClaimedDelivery
        let since: ContinuousClock.Instant
    }

    /// An attempt that has ended.
    struct Ended {
        let result: DeliveryResult
        let channel: Identifier<NotificationChannel>
        let seconds: Double
    }

    /// What becomes of messages that are not sent now.
    struct Rest {
        var postponed: [DeliveryResult] = []
        var digests: [Identifier<NotificationChannel>: (at: Date, claims: [ClaimedDelivery])] = [:]
    }
}

extension DispatcherState {
    /// Takes from the queue of a channel what has its turn.
    mutating func advance(
        _ id: Identifier<NotificationChannel>, _ options: DispatcherOptions, now: Date,
        longestWait: Duration, _ rest: inout Rest
    ) -> [ClaimedDelivery] {
        let queue = queues.removeValue(forKey: id) ?? []
        var sending: [ClaimedDelivery] = []
        var waiting: [Waiting] = []
        for message in queue {
            let claim = message.claim
            var traffic = channels[id] ?? ChannelTraffic(claim.channel.channelType, options)
            let isDigest =
                claim.alertCount > 1 || claim.delivery.id == traffic.digest?.deliveryID
            let plan = traffic.plan(isDigest: isDigest, waiting: waiting.count, now: now)
            channels[id] = traffic
            switch plan {
            case .send:
                inFlight += 1
                sending.append(claim)
            case .wait where ContinuousClock.now - message.since < longestWait:
                waiting.append(message)
            case .wait:
                let time = now + ChannelTraffic.patience
                turn = max(turn ?? time, time)
                rest.postpone(claim, until: time)
            case .postpone(let time):
                turn = max(turn ?? time, time)
                rest.postpone(claim, until: time)
            case .digest(let time):
                rest.digests[id, default: (time, [])].claims.append(claim)
            }
        }
        if !waiting.isEmpty { queues[id] = waiting }
        return sending
    }
}

extension DispatcherState.Rest {
    mutating func postpone(_ claim: ClaimedDelivery, until time: Date) {
        postponed.append(DeliveryResult(claim, .postponed(until: time)))
    }
}
