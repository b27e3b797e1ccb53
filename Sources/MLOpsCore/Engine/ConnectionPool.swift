import Dispatch
import Synchronization

/// A pool of connections, each of which one task uses at a time.
package final class ConnectionPool<Connection: SQLConnection>: Sendable {
    package typealias Queue = ConnectionQueue<Connection>
    private typealias Members = PoolState<Queue, Waiter>
    private typealias Waiter = @Sendable (Result<Grant, any Error>) -> Void

    /// What a waiter receives: a member, or permission to make one.
    private enum Grant: Sendable { case use(PoolState<Queue, Waiter>.Member), make }

    private struct State {
        var pool: Members
        var lastWaiter: UInt64 = 0
        /// The number of queues that have yet to close.
        var closing = 0
        var onDrained: (@Sendable () -> Void)?
        var isExpiryPlanned = false
        var isSweepPlanned = false
    }

    private let state: Mutex<State>
    private let label: String
    private let lifecycle: StoreLifecycle
    private let open: @Sendable (Interruption) throws -> Connection
    private let start = ContinuousClock.now
    private let timers: DispatchQueue

    /// - Parameter open: Opens a connection; called on the thread that first uses it.
    package init(
        label: String, of lifecycle: StoreLifecycle = StoreLifecycle(), minimum: Int = 0,
        maximum: Int, acquireTimeout: Duration? = nil,
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
        (self.label, self.lifecycle) = (label, lifecycle)
        self.open = open
        timers = DispatchQueue(label: label + ".timers")
    }

    private var now: Duration { ContinuousClock.now - start }

    /// Runs a body with exclusive use of a connection.
    ///
    /// - Throws: `.busy` when no connection was free in time; `.closed`; what opening one throws.
    package func with<Value: Sendable>(
        _ body: @Sendable (Queue) async throws -> Value
    ) async throws -> Value {
        let member = try await acquire()
        defer { release(member) }
        return try await body(member.resource)
    }

    /// Runs a body on the caller's thread, with exclusive use of a connection.
    ///
    /// - Parameter limit: How long to wait for a connection; `nil` waits up to the acquire timeout.
    /// - Throws: `.busy` when no connection was free in time; `.closed`; what opening one throws.
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
            // The next use of the connection reports a failure.
            member.resource.submit({ _ in }, completion: { [self] _ in release(member) })
        }
    }

    private func make() -> PoolState<Queue, Waiter>.Member {
        let queue = Queue(label: label, of: lifecycle, open: open)
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

    /// Waits for a grant; `nil` when waiting has become unnecessary.
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

    /// Adds the waiter to the line; `false` when it no longer has to wait.
    ///
    /// A connection may have been returned, or the pool closed, since the caller asked.
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

    /// Blocks the caller's thread until a grant; `nil` when waiting has become unnecessary.
    private func waitHere(until deadline: DispatchTime) throws -> Grant? {
        let answer = BlockingResult<Grant>()
        let id = nextWaiter()
        guard standInLine(answer.give, as: id) else { return nil }
        if let grant = answer.wait(until: deadline) { return try grant.get() }
        // A waiter that is no longer in line is about to receive its answer.
        if state.withLock({ $0.pool.cancel(id) }) != nil { throw StoreError.noConnection }
        return try answer.wait().get()
    }

    /// The number of callers that wait for a connection.
    package var waiting: Int { state.withLock { $0.pool.waiting } }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { $0.pool.cancel(id) }
        waiter?(.failure(CancellationError()))
    }

    /// Schedules the timeouts of the waiters.
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

    /// Resumes ``close()`` once every connection is closed.
    private func reportIfDone() {
        let report = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.pool.isDrained, state.closing == 0 else { return nil }
            defer { state.onDrained = nil }
            return state.onDrained
        }
        report?()
    }

    /// Schedules the closing of connections that are idle or old.
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

    /// Closes the pool and its idle connections; waiters get `.closed`.
    package func closeIdle() {
        let (idle, waiters) = state.withLock { $0.pool.close() }
        close(idle)
        for waiter in waiters { waiter(.failure(StoreError.storeIsClosed)) }
    }

    /// Closes the pool; returns when running work has ended and every connection is closed.
    package func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            state.withLock { $0.onDrained = { continuation.resume() } }
            closeIdle()
            reportIfDone()
        }
    }
}
