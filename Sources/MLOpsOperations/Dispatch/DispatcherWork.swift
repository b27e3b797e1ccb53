import Foundation
import Logging
import MLOpsCore
import Synchronization

/// One run of a dispatcher.
final class DispatcherWork: Sendable {
    let clock: @Sendable () -> Date
    let sender: any NotificationSender
    let options: DispatcherOptions
    let logger: Logger
    let state = Mutex(DispatcherState())
    let wakeUp = WakeUp()
    private let checkUp = WakeUp()

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
        checkUp.signal()
    }

    // MARK: Until it is stopped

    func run(_ access: SystemAccess) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.watch(access) }
            group.addTask {
                try await withThrowingDiscardingTaskGroup { attempts in
                    attempts.addTask { await self.watchSilences(access) }
                    try await self.work(access, &attempts)
                    self.stop()
                    attempts.cancelAll()
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
                    state.withLock { ($0.due, $0.check) = (due, due) }
                    wakeUp.signal()
                    checkUp.signal()
                }
                return
            } catch {
                logger.warning("changes cannot be followed", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Raises the alerts for measurements that do not come.
    ///
    /// It works beside the messages: an alert that somebody has locked must not hold them up.
    private func watchSilences(_ access: SystemAccess) async {
        var lastPoll = ContinuousClock.now - options.poll
        while !Task.isCancelled, !state.withLock(\.isStopping) {
            let now = clock()
            let isPoll = ContinuousClock.now - lastPoll >= options.poll
            let isDue = state.withLock { state in
                guard let check = state.check, check <= now else { return false }
                state.check = nil
                return true
            }
            if isPoll || isDue {
                if isPoll { lastPoll = .now }
                do {
                    if try await raiseSilences(access) { continue }
                } catch {
                    logger.warning(
                        "silent deployments cannot be looked at", metadata: ["error": "\(error)"])
                }
            }
            let check = state.withLock(\.check).map { max(0.001, $0.timeIntervalSince(clock())) }
            let poll = (lastPoll + options.poll - .now).inSeconds
            await checkUp.wait(atMost: .seconds(max(0, min(check ?? poll, poll))))
        }
    }

    /// - Returns: Whether there may be more.
    private func raiseSilences(_ access: SystemAccess) async throws -> Bool {
        let raised = try await access.raiseSilences(limit: 1000)
        state.withLock { $0.summary.silences += raised.alerts.count }
        return raised.hasMore
    }

    private func work(
        _ access: SystemAccess, _ attempts: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        var lastPoll = ContinuousClock.now - options.poll
        var delay = Duration.seconds(1)
        var failures = 0
        var quietSince: ContinuousClock.Instant?
        while !Task.isCancelled {
            do {
                try await record(access)
                let (isStopping, isIdle, isQuiet) = state.withLock {
                    ($0.isStopping, $0.isIdle, $0.isQuiet)
                }
                if isStopping, isIdle { return }
                quietSince = isStopping && isQuiet ? quietSince ?? .now : nil
                if let quietSince, .now - quietSince > Self.patienceAtEnd { return warnOfLeft() }
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
                let isStopping = state.withLock { state in
                    // What was due when the store failed still is.
                    state.due = state.due ?? clock()
                    return state.isStopping
                }
                if Task.isCancelled || isStopping && failures >= 3 { return }
                logger.warning("the store cannot be used", metadata: ["error": "\(error)"])
                await wakeUp.wait(atMost: delay)
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
            // One that has passed waits for the end of another attempt.
            let slots = state.queues.keys.compactMap { state.channels[$0]?.slot }
            var times = slots.filter { $0 > now }.map { max(0.001, $0.timeIntervalSince(now)) }
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
        do {
            try await withThrowingDiscardingTaskGroup { attempts in
                try await workOnce(access, &attempts)
            }
        } catch {
            // What waits here need not wait for the end of its lease.
            try? await release(access)
            throw error
        }
        return state.withLock(\.summary)
    }

    private func workOnce(
        _ access: SystemAccess, _ attempts: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        do {
            while try await raiseSilences(access) {}
        } catch let error as StoreError where error.code != .closed {
            // The messages that are due do not depend on it.
            logger.warning(
                "silent deployments cannot be looked at", metadata: ["error": "\(error)"])
        }
        var quietSince: ContinuousClock.Instant?
        while true {
            try Task.checkCancellation()
            try await record(access)
            try await advance(access, &attempts, digestsWait: false)
            if hasRoom, try await start(access, &attempts, digestsWait: false) { continue }
            let (isIdle, isQuiet, turn) = state.withLock { state in
                defer { if state.isIdle { state.turn = nil } }
                return (state.isIdle, state.isQuiet, state.turn)
            }
            guard isIdle else {
                quietSince = isQuiet ? quietSince ?? .now : nil
                if let quietSince, .now - quietSince > options.lease {
                    throw StoreError(
                        .busy,
                        "Results are not recorded, because other transactions hold their "
                            + "alerts; the messages come again under the same ids.")
                }
                await wakeUp.wait(atMost: wait(until: .now + .seconds(1)))
                continue
            }
            quietSince = nil
            guard let turn else { return }
            // Nothing wakes it before: it would find nothing due.
            let rest = turn.timeIntervalSince(clock())
            try await Task.sleep(for: .seconds(max(0, min(rest, 3600))))
        }
    }

    /// How long results are tried to be recorded after everything else has ended.
    private static let patienceAtEnd = Duration.seconds(10)

    private func warnOfLeft() {
        logger.warning(
            "results are not recorded; their messages come again",
            metadata: ["messages": "\(state.withLock { $0.results.count })"])
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
        // Before the transaction, which may have to wait: the lease begins in it.
        let claimTime = ContinuousClock.now
        let claimed = try await access.claimDeliveries(
            limit: min(max(1, free), 10_000), lease: options.lease.inSeconds)
        state.withLock { state in
            for claim in claimed.deliveries {
                state.queues[Receiver(of: claim), default: []]
                    .append(DispatcherState.Waiting(claim: claim, claimed: claimTime))
            }
        }
        try await advance(access, &attempts, digestsWait: digestsWait)
        return !claimed.deliveries.isEmpty || claimed.hasMore
    }

    /// Whether it is worth claiming more.
    private var hasRoom: Bool {
        state.withLock { $0.held <= options.concurrency * 3 / 4 }
    }

    /// Begins to send what has its turn, and gives back what has it later.
    private func advance(
        _ access: SystemAccess, _ attempts: inout ThrowingDiscardingTaskGroup<any Error>,
        digestsWait: Bool = true
    ) async throws {
        let now = clock()
        var work = state.withLock { state in
            state.look(at: now)
            return state.advance(options, now: now)
        }
        for (attempt, message) in work.sending {
            attempts.addTask { await self.attempt(attempt, message, access) }
        }
        do {
            while let (channel, digest) = work.digests.first {
                try await makeDigest(
                    of: digest.messages.map(\.claim), for: channel,
                    at: digestsWait ? digest.at : now, access)
                work.digests[channel] = nil
            }
        } catch {
            // They wait here again, and are a digest as soon as the store can be used.
            state.withLock { [digests = work.digests] state in
                for (channel, digest) in digests {
                    state.queues[channel, default: []] += digest.messages
                }
            }
            throw error
        }
        try await record(access)
    }

    private func makeDigest(
        of claims: [ClaimedDelivery], for channel: Receiver,
        at time: Date, _ access: SystemAccess
    ) async throws {
        let known = state.withLock { $0.channels[channel]?.digest }
        let (digest, left) = try await access.digestDeliveries(claims, in: known, at: time)
        state.withLock { state in
            if let digest { state.channels[channel]?.digest = digest }
            for claim in left { state.postpone(claim, until: clock() + ChannelTraffic.patience) }
        }
    }

    /// Gives back what waits, for another dispatcher.
    private func release(_ access: SystemAccess) async throws {
        let now = clock()
        state.withLock { state in
            for message in state.queues.values.flatMap(\.self) {
                state.postpone(message.claim, until: now)
            }
            state.queues = [:]
        }
        try await record(access)
    }

    // MARK: Recording

    /// Records results in one transaction; those that cannot be recorded are kept.
    private func record(_ access: SystemAccess) async throws {
        let results = state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
        guard !results.isEmpty else { return }
        do {
            let left = Set(try await access.endDeliveries(results.map(\.result)))
            state.withLock { state in
                state.results = results.filter { left.contains($0.result) } + state.results
                state.summary.add(
                    results.filter { $0.isAttempt && !left.contains($0.result) }.map(\.result))
            }
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
