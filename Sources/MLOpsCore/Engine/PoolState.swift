/// The state machine of a pool: it does no I/O, and returns the action to take.
///
/// At most `maximum` resources exist. A request that finds none free waits, and waiting requests
/// are served in the order of their arrival. Times are measured from one fixed moment.
package struct PoolState<Resource: Sendable, Waiter: Sendable> {
    package struct Limits: Sendable {
        /// The number of resources that are kept even when idle.
        package var minimum = 0
        /// The largest number of resources.
        package var maximum = 1
        /// How long a request waits at most; `nil` for no limit.
        package var acquireTimeout: Duration?
        /// How long a resource above the minimum may be idle; `nil` for no limit.
        package var idleLimit: Duration?
        /// The age at which a resource is replaced; `nil` for no limit.
        package var lifetime: Duration?
        /// The idle time after which a resource is checked before its next use; `nil` for never.
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
        /// Wait in line, with ``wait(_:as:at:)``.
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

    /// Whether every resource has been returned.
    package var isDrained: Bool { existing == idle.count }

    package var isEmpty: Bool { existing == 0 }

    /// Asks for a resource.
    package mutating func acquire(at now: Duration) -> Acquisition {
        if isClosed { return .closed }
        // The resource that was used last has the warmest caches.
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

    /// Whether a request has to wait now.
    package var mustWait: Bool { !isClosed && idle.isEmpty && existing >= limits.maximum }

    /// The member for a resource that was just made.
    package func made(_ resource: Resource, at now: Duration) -> Member {
        Member(resource: resource, madeAt: now, idleSince: now)
    }

    package mutating func wait(_ waiter: Waiter, as id: UInt64, at now: Duration) {
        waiters.append((id, waiter, now))
    }

    /// Removes a waiter from the line and returns it; `nil` when it was already served.
    package mutating func cancel(_ id: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).waiter
    }

    /// When the first waiter in line times out.
    package var nextExpiry: Duration? {
        guard let timeout = limits.acquireTimeout, let first = waiters.first else { return nil }
        return first.since + timeout
    }

    /// The number of waiters in line.
    package var waiting: Int { waiters.count }

    /// Removes the waiters that have timed out, and returns them.
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

    /// Removes resources that are too old or were idle for too long; the caller closes them.
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

    /// Reserves the resources missing to the minimum; the caller makes and releases that many.
    package mutating func fill() -> Int {
        guard !isClosed else { return 0 }
        let missing = max(0, min(limits.minimum, limits.maximum) - existing)
        existing += missing
        return missing
    }

    /// Refuses further requests; returns the idle resources and the waiters.
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
