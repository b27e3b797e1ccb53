import Dispatch
import Synchronization

/// Connections that are lent to one task at a time.
package final class ConnectionPool<Connection: SQLConnection>: Sendable {
    package typealias Queue = ConnectionQueue<Connection>
    private typealias Members = PoolState<Queue, Waiter>
    private typealias Waiter = @Sendable (Result<Grant, any Error>) -> Void

    /// What a waiter gets: a member, or leave to make one.
    private enum Grant: Sendable { case use(PoolState<Queue, Waiter>.Member), make }

    private struct State {
        var pool: Members
        var lastWaiter: UInt64 = 0
        /// How many queues are about to close.
        var closing = 0
        var onDrained: (@Sendable () -> Void)?
        var isExpiryPlanned = false
        var isSweepPlanned = false
    }

    private let state: Mutex<State>
    private let label: String
    private let open: @Sendable (Interruption) throws -> Connection
    private let start = ContinuousClock.now
    private let timers: DispatchQueue

    /// - Parameter open: Opens a connection; called on the connection's own queue.
    package init(
        label: String, minimum: Int = 0, maximum: Int, acquireTimeout: Duration? = nil,
        idleLimit: Duration? = nil, lifetime: Duration? = nil, checkAfter: Duration? = nil,
        open: @escaping @Sendable (Interruption) throws -> Connection
    ) {
        var limits = Members.Limits(maximum: maximum)
        limits.minimum = minimum
        limits.acquireTimeout = acquireTimeout
        limits.idleLimit = idleLimit
        limits.lifetime = lifetime
        limits.checkAfter = checkAfter
        state = Mutex(State(pool: PoolState(limits)))
        self.label = label
        self.open = open
        timers = DispatchQueue(label: label + ".timers")
    }

    private var now: Duration { ContinuousClock.now - start }

    /// Runs a body with a connection of its own.
    ///
    /// - Throws: `.busy` when none was free in time, `.closed`; what opening one throws.
    package func with<Value: Sendable>(
        _ body: @Sendable (Queue) async throws -> Value
    ) async throws -> Value {
        let member = try await acquire()
        defer { release(member) }
        return try await body(member.resource)
    }

    /// Runs a body on the caller's thread, with a connection of its own.
    ///
    /// - Parameter limit: How long to wait for a connection; `nil` waits for as long as others do.
    /// - Throws: `.busy` when none was free in time, `.closed`; what opening one throws.
    package func runHere<Value: Sendable>(
        waiting limit: Duration?, _ body: (Connection, Interruption) throws -> Value
    ) throws -> Value {
        let member = try acquireHere(limit)
        defer { release(member) }
        let interruption = member.resource.interruption
        return try member.resource.runHere(waiting: nil) { try body($0, interruption) }
    }

    /// Opens connections up to the minimum, in the background.
    package func warmUp() {
        let missing = state.withLock { $0.pool.fill() }
        for _ in 0..<missing {
            let member = make()
            // A failure shows when the connection is used.
            member.resource.submit({ _ in }, completion: { [self] _ in release(member) })
        }
    }

    private func make() -> PoolState<Queue, Waiter>.Member {
        let queue = Queue(label: label, open: open)
        return state.withLock { $0.pool.made(queue, at: now) }
    }

    private func acquire() async throws -> PoolState<Queue, Waiter>.Member {
        while true {
            switch state.withLock({ $0.pool.acquire(at: now) }) {
            case .use(let member): return member
            case .check(let member):
                if await member.resource.isAlive() { return member }
                release(member)
            case .make: return make()
            case .closed: throw StoreError.storeIsClosed
            case .wait:
                if let grant = try await wait() {
                    if case .use(let member) = grant { return member }
                    return make()
                }
            }
        }
    }

    /// Stands in line; `nil` when there is no need to any more.
    private func wait() async throws -> Grant? {
        let id = nextWaiter()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard standInLine({ continuation.resume(with: $0.map { $0 }) }, as: id) else {
                    continuation.resume(returning: nil)
                    return
                }
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func nextWaiter() -> UInt64 {
        state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
    }

    /// Whether the waiter has to stand in line, and does: since the caller looked, a connection may
    /// have come back.
    private func standInLine(_ waiter: @escaping Waiter, as id: UInt64) -> Bool {
        let isWaiting = state.withLock { state in
            guard state.pool.mustWait else { return false }
            state.pool.wait(waiter, as: id, at: now)
            return true
        }
        if isWaiting { expireLater() }
        return isWaiting
    }

    private func acquireHere(_ limit: Duration?) throws -> PoolState<Queue, Waiter>.Member {
        let deadline = DispatchTime.after(limit)
        while true {
            switch state.withLock({ $0.pool.acquire(at: now) }) {
            case .use(let member): return member
            case .check(let member):
                if member.resource.isAliveHere() { return member }
                release(member)
            case .make: return make()
            case .closed: throw StoreError.storeIsClosed
            case .wait:
                switch try waitHere(until: deadline) {
                case .use(let member): return member
                case .make: return make()
                case nil: break
                }
            }
        }
    }

    /// Stands in line on the caller's thread; `nil` when there is no need to any more.
    private func waitHere(until deadline: DispatchTime) throws -> Grant? {
        let answer = BlockingResult<Grant>()
        let id = nextWaiter()
        guard standInLine(answer.give, as: id) else { return nil }
        if let grant = answer.wait(until: deadline) { return try grant.get() }
        // Who has left the line already is about to be answered.
        if state.withLock({ $0.pool.cancel(id) }) != nil { throw StoreError.noConnection }
        return try answer.wait().get()
    }

    /// How many callers wait for a connection.
    package var waiting: Int { state.withLock { $0.pool.waiting } }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { $0.pool.cancel(id) }
        waiter?(.failure(CancellationError()))
    }

    /// Plans the refusal of those who will have waited too long.
    private func expireLater() {
        let delay = state.withLock { state -> Duration? in
            guard !state.isExpiryPlanned, let next = state.pool.nextExpiry else { return nil }
            state.isExpiryPlanned = true
            return max(.zero, next - now)
        }
        guard let delay else { return }
        timers.asyncAfter(deadline: .after(delay)) { [weak self] in
            guard let self else { return }
            let expired = state.withLock { state in
                state.isExpiryPlanned = false
                return state.pool.expired(at: now)
            }
            for waiter in expired {
                waiter(.failure(StoreError.noConnection))
            }
            expireLater()
        }
    }

    private func release(_ member: PoolState<Queue, Waiter>.Member) {
        let isBroken = !member.resource.isUsable
        let action = state.withLock { $0.pool.release(member, isBroken: isBroken, at: now) }
        switch action {
        case .keep: sweepLater()
        case .handOver(let member, let waiter): waiter(.success(.use(member)))
        case .close(let queue): close([queue])
        case .replace(let queue, let waiter):
            close([queue])
            waiter(.success(.make))
        }
        reportIfDone()
    }

    private func close(_ queues: [Queue]) {
        state.withLock { $0.closing += queues.count }
        for queue in queues {
            queue.closeSoon { [self] in
                state.withLock { $0.closing -= 1 }
                reportIfDone()
            }
        }
    }

    /// Wakes the one who closes the pool when every connection is closed.
    private func reportIfDone() {
        let report = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.pool.isDrained, state.closing == 0 else { return nil }
            defer { state.onDrained = nil }
            return state.onDrained
        }
        report?()
    }

    /// Plans the end of connections that nobody will have used for long.
    private func sweepLater() {
        let delay = state.withLock { state -> Duration? in
            let limits = state.pool.limits
            guard !state.isSweepPlanned,
                let limit = [limits.idleLimit, limits.lifetime].compactMap(\.self).min()
            else { return nil }
            state.isSweepPlanned = true
            return limit
        }
        guard let delay else { return }
        timers.asyncAfter(deadline: .after(delay)) { [weak self] in
            guard let self else { return }
            let (idle, isEmpty) = state.withLock { state in
                state.isSweepPlanned = false
                return (state.pool.sweep(at: now), state.pool.isEmpty)
            }
            close(idle)
            warmUp()
            if !isEmpty { sweepLater() }
        }
    }

    /// Lets go of the connections that nobody uses, and of those who wait for one.
    package func closeIdle() {
        let (idle, waiters) = state.withLock { $0.pool.close() }
        close(idle)
        for waiter in waiters { waiter(.failure(StoreError.storeIsClosed)) }
    }

    /// Refuses new work and returns when what runs is done and every connection is closed.
    package func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            state.withLock { $0.onDrained = { continuation.resume() } }
            closeIdle()
            reportIfDone()
        }
    }
}
