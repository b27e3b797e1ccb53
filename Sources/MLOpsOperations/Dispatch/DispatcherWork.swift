import Foundation
import Logging
import MLOpsCore
import Synchronization

/// One run of a dispatcher.
final class DispatcherWork: Sendable {
    /// How long a message waits for its turn at most, far less than a lease.
    private static let longestWait = Duration.seconds(30)

    private let clock: @Sendable () -> Date
    private let sender: any NotificationSender
    private let options: DispatcherOptions
    private let logger: Logger
    private let state = Mutex(DispatcherState())
    private let wakeUp = WakeUp()

    init(
        _ clock: @escaping @Sendable () -> Date, _ sender: any NotificationSender,
        _ options: DispatcherOptions, _ logger: Logger
    ) {
        self.clock = clock
        self.sender = sender
        self.options = options
        self.logger = logger
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wakeUp.signal()
    }

    // MARK: Until it is stopped

    func run(_ access: SystemAccess) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.watch(access) }
            group.addTask {
                try await withThrowingDiscardingTaskGroup { attempts in
                    try await self.work(access, &attempts)
                }
            }
            // The watch ends only with the store or by cancellation.
            try await group.next()
            stop()
            group.cancelAll()
        }
    }

    /// Follows what is due, until the store is closed.
    private func watch(_ access: SystemAccess) async {
        while !Task.isCancelled {
            do {
                for try await due in access.observeDueWork() {
                    state.withLock { $0.due = due }
                    wakeUp.signal()
                }
                return
            } catch {
                logger.warning("changes cannot be followed", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func work(
        _ access: SystemAccess, _ attempts: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        var lastPoll = ContinuousClock.now - options.poll
        var delay = Duration.seconds(1)
        var failures = 0
        while !Task.isCancelled {
            do {
                try await record(access)
                let (isStopping, isIdle) = state.withLock { ($0.isStopping, $0.isIdle) }
                if isStopping, isIdle { return }
                if isStopping {
                    try await release(access)
                } else {
                    try await advance(access, &attempts)
                }
                let now = clock()
                let isDue = state.withLock { state in state.due.map { $0 <= now } ?? false }
                let isPoll = ContinuousClock.now - lastPoll >= options.poll
                if !isStopping, hasRoom, isDue || isPoll {
                    if isPoll { lastPoll = .now }
                    // Until the next change, or the next poll; what is due later stays known.
                    state.withLock { state in
                        state.due = state.due.flatMap { $0 <= now ? nil : $0 }
                    }
                    if try await start(access, &attempts) {
                        state.withLock { $0.due = $0.due ?? now }
                        continue
                    }
                }
                (delay, failures) = (.seconds(1), 0)
                await wakeUp.wait(atMost: wait(until: lastPoll + options.poll))
            } catch let error as StoreError where error.code == .closed {
                return
            } catch {
                failures += 1
                // What is not recorded comes again under the same id.
                let isStopping = state.withLock { $0.isStopping }
                if Task.isCancelled || isStopping && failures >= 3 { return }
                logger.warning("the store cannot be used", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(30))
            }
        }
    }

    /// How long to wait for a signal.
    private func wait(until poll: ContinuousClock.Instant) -> Duration {
        let now = clock()
        let hasRoom = hasRoom
        return state.withLock { state in
            // Results that could not be recorded, and messages whose turn comes by time.
            if !state.results.isEmpty { return .milliseconds(200) }
            let slots = state.queues.keys.compactMap { state.channels[$0]?.slot }
            var times = slots.map { max(0.001, $0.timeIntervalSince(now)) }
            if !state.queues.isEmpty { times.append(1) }
            if hasRoom, !state.isStopping {
                times.append(max(0, (poll - .now).inSeconds))
                if let due = state.due { times.append(max(0, due.timeIntervalSince(now))) }
            }
            return .seconds(min(times.min() ?? 3600, 3600))
        }
    }

    // MARK: Once

    func runOnce(_ access: SystemAccess) async throws -> NotificationDispatcher.Summary {
        var summary = NotificationDispatcher.Summary()
        try await withThrowingDiscardingTaskGroup { attempts in
            while true {
                try Task.checkCancellation()
                summary.add(try await record(access))
                try await advance(access, &attempts, digestsWait: false)
                if hasRoom, try await start(access, &attempts, digestsWait: false) { continue }
                let (isIdle, turn) = state.withLock { state in
                    defer { if state.isIdle { state.turn = nil } }
                    return (state.isIdle, state.turn)
                }
                guard isIdle else {
                    await wakeUp.wait(atMost: wait(until: .now + .seconds(1)))
                    continue
                }
                guard let turn else { return }
                // Nothing wakes it before: it would find nothing due.
                let rest = turn.timeIntervalSince(clock())
                try await Task.sleep(for: .seconds(max(0, min(rest, 3600))))
            }
        }
        summary.silences = state.withLock { $0.silences }
        return summary
    }

    // MARK: Starting

    /// Claims what is due and begins to send it.
    ///
    /// - Parameter digestsWait: Whether a digest is sent at the end of its minute, or at once.
    /// - Returns: Whether there was something.
    private func start(
        _ access: SystemAccess, _ attempts: inout ThrowingDiscardingTaskGroup<any Error>,
        digestsWait: Bool = true
    ) async throws -> Bool {
        let free = options.concurrency - state.withLock { $0.held }
        let silences = try await raiseSilences(access)
        state.withLock { $0.silences += silences }
        let claimed = try await access.claimDeliveries(
            limit: max(1, free), lease: options.lease.inSeconds)
        state.withLock { state in
            for claim in claimed.deliveries {
                state.queues[claim.channel.id, default: []]
                    .append(DispatcherState.Waiting(claim: claim, since: .now))
            }
        }
        try await advance(access, &attempts, digestsWait: digestsWait)
        return !claimed.deliveries.isEmpty || claimed.hasMore || silences > 0
    }

    /// Whether it is worth claiming more.
    private var hasRoom: Bool {
        state.withLock { $0.held <= options.concurrency * 3 / 4 }
    }

    /// Begins to send what has its turn.
    private func advance(
        _ access: SystemAccess, _ attempts: inout ThrowingDiscardingTaskGroup<any Error>,
        digestsWait: Bool = true
    ) async throws {
        let now = clock()
        var rest = DispatcherState.Rest()
        let sending = state.withLock { state in
            var sending: [ClaimedDelivery] = []
            for id in Array(state.queues.keys) {
                sending += state.advance(
                    id, options, now: now, longestWait: Self.longestWait, &rest)
            }
            for (id, traffic) in state.channels where traffic.isIdle(at: now) {
                state.channels[id] = nil
            }
            return sending
        }
        for claim in sending {
            attempts.addTask { await self.attempt(claim, access) }
        }
        try await access.endDeliveries(rest.postponed)
        for (channel, digest) in rest.digests {
            let known = state.withLock { $0.channels[channel]?.digest }
            let made = try await access.digestDeliveries(
                digest.claims, in: known, at: digestsWait ? digest.at : clock())
            state.withLock { $0.channels[channel]?.digest = made }
        }
    }

    private func raiseSilences(_ access: SystemAccess) async throws -> Int {
        try await access.write { try $0.deployments.raiseSilences(limit: 1000).count }
    }

    /// Gives back what waits, for another dispatcher.
    private func release(_ access: SystemAccess) async throws {
        let now = clock()
        let waiting = state.withLock { state in
            defer { state.queues = [:] }
            return state.queues.values.flatMap(\.self)
        }
        try await access.endDeliveries(
            waiting.map { DeliveryResult($0.claim, .postponed(until: now)) })
    }

    // MARK: Sending

    private func attempt(_ claim: ClaimedDelivery, _ access: SystemAccess) async {
        let start = ContinuousClock.now
        let result = await result(of: claim, access)
        let seconds = (ContinuousClock.now - start).inSeconds
        state.withLock { state in
            state.results.append(
                DispatcherState.Ended(result: result, channel: claim.channel.id, seconds: seconds))
            state.channels[claim.channel.id]?.end(after: seconds)
            state.inFlight -= 1
        }
        wakeUp.signal()
    }

    private func result(
        of claim: ClaimedDelivery, _ access: SystemAccess
    ) async -> DeliveryResult {
        let config: Secret<JSONValue>
        do {
            config = try await access.openedConfig(of: claim.channel.id)
        } catch {
            return unopened(claim, error)
        }
        let notification = AlertNotification(claim, link: options.link)
        let outcome = await sender.send(
            notification, through: claim.channel.channelType, config: config)
        log(outcome, of: claim)
        let error = outcome.reason.isEmpty ? nil : outcome.reason
        switch outcome.verdict {
        case .delivered: return DeliveryResult(claim, .delivered)
        case .refused: return DeliveryResult(claim, .failed, error: error)
        case .gone: return DeliveryResult(claim, .gone, error: error)
        case .retry(let wish):
            let now = clock()
            let next = state.withLock { state in
                RetrySchedule.next(
                    after: claim.delivery.attempts, wish: wish, now: now, using: &state.generator)
            }
            return DeliveryResult(claim, next.map { .retry(at: $0) } ?? .failed, error: error)
        }
    }

    /// The result of a message whose channel cannot be read.
    ///
    /// A key that is missing comes back with the configuration of the program: nothing is given
    /// up.
    private func unopened(_ claim: ClaimedDelivery, _ error: any Error) -> DeliveryResult {
        let code = (error as? StoreError)?.code
        let text = (error as? StoreError)?.message ?? "The channel cannot be read."
        logger.warning(
            "the configuration of a channel cannot be opened",
            metadata: ["channel": "\(claim.channel.id)", "error": "\(error)"])
        switch code {
        case .notFound, .corrupt: return DeliveryResult(claim, .failed, error: text)
        case .missingKey:
            return DeliveryResult(claim, .postponed(until: clock() + 300), error: text)
        default: return DeliveryResult(claim, .postponed(until: clock() + 5), error: nil)
        }
    }

    private func log(_ outcome: DeliveryOutcome, of claim: ClaimedDelivery) {
        guard outcome.verdict != .delivered else { return }
        logger.warning(
            "a message was not delivered",
            metadata: [
                "delivery": "\(claim.delivery.id)", "channel": "\(claim.channel.id)",
                "attempt": "\(claim.delivery.attempts)", "reason": "\(outcome.reason)",
                "answer": "\(outcome.diagnostics.inOneLine)",
            ])
    }

    // MARK: Recording

    /// Records results in one transaction; those that cannot be recorded are kept.
    @discardableResult
    private func record(_ access: SystemAccess) async throws -> [DeliveryResult] {
        let results = state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
        guard !results.isEmpty else { return [] }
        do {
            let left = Set(try await access.endDeliveries(results.map(\.result)))
            if left.isEmpty { return results.map(\.result) }
            state.withLock { state in
                state.results += results.filter { left.contains($0.result) }
            }
            return results.map(\.result).filter { !left.contains($0) }
        } catch {
            state.withLock { $0.results = results + $0.results }
            throw error
        }
    }
}

extension NotificationDispatcher.Summary {
    fileprivate mutating func add(_ results: [DeliveryResult]) {
        for result in results {
            switch result.outcome {
            case .delivered: delivered += 1
            case .retry, .postponed: retried += 1
            case .failed, .gone: failed += 1
            }
        }
    }
}

extension String {
    /// The text with control characters escaped: a receiver must not write lines of the log.
    fileprivate var inOneLine: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            let isControl =
                [.control, .lineSeparator, .paragraphSeparator, .format]
                .contains(scalar.properties.generalCategory)
            text += isControl ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}
