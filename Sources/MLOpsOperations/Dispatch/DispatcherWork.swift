import Foundation
import Logging
import MLOpsCore
import Synchronization

/// One run of a dispatcher.
final class DispatcherWork: Sendable {
    private struct State {
        var isStopping = false
        /// When something is due; `nil` while nothing is known to be.
        var due: Date?
        /// When the last message that had to wait for its turn has it.
        var turn: Date?
        var results: [(result: DeliveryResult, seconds: Double)] = []
        var inFlight = 0
        var silences = 0
        var channels: [Identifier<NotificationChannel>: ChannelTraffic] = [:]
        var channelOfDelivery: [Identifier<AlertDelivery>: Identifier<NotificationChannel>] = [:]
        var generator = SystemRandomNumberGenerator()
    }

    private let clock: @Sendable () -> Date
    private let sender: any NotificationSender
    private let options: DispatcherOptions
    private let logger: Logger
    private let state = Mutex(State())
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
        while !Task.isCancelled {
            do {
                try await record(access)
                let (isStopping, inFlight, isRecorded) = state.withLock {
                    ($0.isStopping, $0.inFlight, $0.results.isEmpty)
                }
                if isStopping, inFlight == 0, isRecorded { return }
                let now = clock()
                let isDue = state.withLock { state in state.due.map { $0 <= now } ?? false }
                let isPoll = ContinuousClock.now - lastPoll >= options.poll
                if !isStopping, inFlight < options.concurrency, isDue || isPoll {
                    if isPoll { lastPoll = .now }
                    if try await start(access, &attempts) { continue }
                    // Until the next change, or the next poll.
                    state.withLock { state in
                        if let due = state.due, due <= now { state.due = nil }
                    }
                }
                delay = .seconds(1)
                await wakeUp.wait(atMost: wait(until: lastPoll + options.poll))
            } catch let error as StoreError where error.code == .closed {
                return
            } catch {
                if Task.isCancelled { return }
                logger.warning("the store cannot be used", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(30))
            }
        }
    }

    private func wait(until poll: ContinuousClock.Instant) -> Duration {
        let due = state.withLock { state in
            state.inFlight < options.concurrency && !state.isStopping ? state.due : nil
        }
        let rest = max(.zero, poll - .now)
        guard let due else { return rest }
        return min(rest, .seconds(max(0, min(due.timeIntervalSince(clock()), 86_400))))
    }

    // MARK: Once

    func runOnce(_ access: SystemAccess) async throws -> NotificationDispatcher.Summary {
        var summary = NotificationDispatcher.Summary()
        try await withThrowingDiscardingTaskGroup { attempts in
            while true {
                try Task.checkCancellation()
                summary.add(try await record(access))
                let isFree = state.withLock { $0.inFlight < options.concurrency }
                if isFree {
                    if try await start(access, &attempts, digestsWait: false) { continue }
                }
                let (isIdle, turn) = state.withLock { state in
                    let isIdle = state.inFlight == 0 && state.results.isEmpty
                    defer { if isIdle { state.turn = nil } }
                    return (isIdle, state.turn)
                }
                guard isIdle else {
                    await wakeUp.wait(atMost: .seconds(1))
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
        let free = options.concurrency - state.withLock { $0.inFlight }
        let silences = try await raiseSilences(access)
        state.withLock { $0.silences += silences }
        let claims = try await access.claimDeliveries(
            limit: max(1, free), lease: options.lease.inSeconds)
        var postponed: [DeliveryResult] = []
        var digests: [Identifier<NotificationChannel>: (at: Date, claims: [ClaimedDelivery])] = [:]
        for claim in claims {
            switch plan(claim) {
            case .send(let time):
                attempts.addTask { await self.attempt(claim, at: time, access) }
            case .postpone(let time):
                state.withLock { $0.turn = max($0.turn ?? time, time) }
                postponed.append(DeliveryResult(claim, .postponed(until: time)))
            case .digest(let time):
                let due = digestsWait ? time : clock()
                digests[claim.channel.id, default: (due, [])].claims.append(claim)
            }
        }
        try await access.endDeliveries(postponed)
        for (channel, digest) in digests {
            let known = state.withLock { $0.channels[channel]?.digest }
            let made = try await access.digestDeliveries(digest.claims, in: known, at: digest.at)
            state.withLock { $0.channels[channel]?.digest = made }
        }
        return !claims.isEmpty || silences > 0
    }

    private func raiseSilences(_ access: SystemAccess) async throws -> Int {
        try await access.write { try $0.deployments.raiseSilences(limit: 100).count }
    }

    private func plan(_ claim: ClaimedDelivery) -> ChannelTraffic.Plan {
        let now = clock()
        return state.withLock { state in
            let channel = claim.channel
            let plan = state.channels[
                channel.id, default: ChannelTraffic(channel.channelType, options)
            ].plan(isDigest: claim.alertCount > 1, now: now)
            if case .send = plan {
                state.inFlight += 1
                state.channelOfDelivery[claim.delivery.id] = channel.id
            }
            return plan
        }
    }

    // MARK: Sending

    private func attempt(_ claim: ClaimedDelivery, at time: Date, _ access: SystemAccess) async {
        let rest = time.timeIntervalSince(clock())
        if rest > 0 { try? await Task.sleep(for: .seconds(rest)) }
        let start = ContinuousClock.now
        let result = await result(of: claim, access)
        let seconds = (ContinuousClock.now - start).inSeconds
        state.withLock { state in
            state.results.append((result, seconds))
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
                "answer": "\(outcome.diagnostics)",
            ])
    }

    // MARK: Recording

    /// Records results in one transaction; those that cannot be recorded are kept.
    @discardableResult
    private func record(_ access: SystemAccess) async throws -> [DeliveryResult] {
        let results = state.withLock { state in
            defer { state.results = [] }
            for (result, seconds) in state.results {
                guard let id = state.channelOfDelivery.removeValue(forKey: result.deliveryID)
                else { continue }
                state.channels[id]?.end(after: seconds)
            }
            return state.results
        }
        guard !results.isEmpty else { return [] }
        do {
            try await access.endDeliveries(results.map(\.result))
        } catch {
            state.withLock { $0.results = results + $0.results }
            throw error
        }
        return results.map(\.result)
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
