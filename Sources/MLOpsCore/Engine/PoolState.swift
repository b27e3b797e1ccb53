/// Which resource goes to whom: a state machine without I/O that returns what to do.
///
/// At most `maximum` resources exist; a request that finds none waits, and requests are served in
/// the order they came. Times are measured from any fixed moment, the same for every call.
package struct PoolState<Resource: Sendable, Waiter: Sendable> {
    package struct Limits: Sendable {
        /// How many are kept when nobody uses them.
        package var minimum = 0
        /// How many exist at most.
        package var maximum = 1
        /// How long a request waits.
        package var acquireTimeout: Duration?
        /// How long a resource above the minimum is kept unused.
        package var idleLimit: Duration?
        /// How old a resource becomes.
        package var lifetime: Duration?
        /// After how long unused a resource is checked before it is used again.
        package var checkAfter: Duration?

        package init(maximum: Int) { self.maximum = max(1, maximum) }
    }

    /// A resource, and when it was made.
    package struct Member: Sendable {
        package let resource: Resource
        package let madeAt: Duration
        fileprivate(set) var idleSince: Duration
    }

    package enum Acquisition {
        case use(Member)
        /// Check the resource; when it fails, release it as broken and ask again.
        case check(Member)
        /// Make a resource, with ``made(_:at:)``.
        case make
        /// Stand in line, with ``wait(_:as:at:)``.
        case wait
        case closed
    }

    package enum Release {
        case keep
        case handOver(Member, to: Waiter)
        case close(Resource)
        /// Close the resource; the waiter makes another.
        case replace(Resource, for: Waiter)
    }

    package let limits: Limits
    private var idle: [Member] = []
    private var waiters: [(id: UInt64, waiter: Waiter, since: Duration)] = []
    private var existing = 0
    private var isClosed = false

    package init(_ limits: Limits) { self.limits = limits }

    /// Whether every resource is back.
    package var isDrained: Bool { existing == idle.count }

    package var isEmpty: Bool { existing == 0 }

    /// Asks for a resource.
    package mutating func acquire(at now: Duration) -> Acquisition {
        if isClosed { return .closed }
        // The one used last is the one whose caches are warm.
        if let member = idle.popLast() {
            if let checkAfter = limits.checkAfter, now - member.idleSince >= checkAfter {
                return .check(member)
            }
            return .use(member)
        }
        guard existing < limits.maximum else { return .wait }
        existing += 1
        return .make
    }

    /// Whether a request has to stand in line now.
    package var mustWait: Bool { !isClosed && idle.isEmpty && existing >= limits.maximum }

    /// The member of a resource that was made on demand.
    package func made(_ resource: Resource, at now: Duration) -> Member {
        Member(resource: resource, madeAt: now, idleSince: now)
    }

    package mutating func wait(_ waiter: Waiter, as id: UInt64, at now: Duration) {
        waiters.append((id, waiter, now))
    }

    /// Takes a waiter out of the line, or `nil` when it was served already.
    package mutating func cancel(_ id: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).waiter
    }

    /// When the first in line will have waited too long.
    package var nextExpiry: Duration? {
        guard let timeout = limits.acquireTimeout, let first = waiters.first else { return nil }
        return first.since + timeout
    }

    /// How many stand in line.
    package var waiting: Int { waiters.count }

    /// Takes those out of the line who have waited too long.
    package mutating func expired(at now: Duration) -> [Waiter] {
        guard let timeout = limits.acquireTimeout else { return [] }
        let expired = waiters.prefix { now - $0.since >= timeout }.map(\.waiter)
        waiters.removeFirst(expired.count)
        return expired
    }

    /// Takes a resource back.
    package mutating func release(
        _ member: Member, isBroken: Bool = false, at now: Duration
    ) -> Release {
        let isOld = limits.lifetime.map { now - member.madeAt >= $0 } ?? false
        guard isBroken || isOld || isClosed else {
            if !waiters.isEmpty { return .handOver(member, to: waiters.removeFirst().waiter) }
            var member = member
            member.idleSince = now
            idle.append(member)
            return .keep
        }
        if !waiters.isEmpty {
            return .replace(member.resource, for: waiters.removeFirst().waiter)
        }
        existing -= 1
        return .close(member.resource)
    }

    /// Gives up what is too old or unused for too long; returns what is to be closed.
    package mutating func sweep(at now: Duration) -> [Resource] {
        var closing: [Resource] = []
        // The first ones have been idle for longest.
        idle = idle.filter { member in
            let isOld = limits.lifetime.map { now - member.madeAt >= $0 } ?? false
            let isSpare = existing > limits.minimum
            let isIdle = limits.idleLimit.map { now - member.idleSince >= $0 } ?? false
            guard isOld || isSpare && isIdle else { return true }
            existing -= 1
            closing.append(member.resource)
            return false
        }
        return closing
    }

    /// How many are missing to the minimum; the caller makes and releases them.
    package mutating func fill() -> Int {
        guard !isClosed else { return 0 }
        let missing = max(0, min(limits.minimum, limits.maximum) - existing)
        existing += missing
        return missing
    }

    /// Refuses further requests; returns the idle resources and those who wait.
    package mutating func close() -> (resources: [Resource], waiters: [Waiter]) {
        isClosed = true
        existing -= idle.count
        defer {
            idle = []
            waiters = []
        }
        return (idle.map(\.resource), waiters.map(\.waiter))
    }
}
