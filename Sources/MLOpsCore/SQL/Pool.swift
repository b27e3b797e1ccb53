/// Which resource goes to whom: a state machine without I/O that returns what to do.
///
/// At most `maximum` resources exist; a request that finds none waits, and requests are served in
/// the order they came.
package struct Pool<Resource: Sendable, Waiter: Sendable> {
    package enum Acquisition { case use(Resource), open, wait, closed }
    package enum Release { case handOver(Resource, to: Waiter), keep, close(Resource) }

    private let maximum: Int
    private var idle: [Resource] = []
    private var waiters: [(id: UInt64, waiter: Waiter)] = []
    private var existing = 0
    private var isClosed = false

    package init(maximum: Int) { self.maximum = max(1, maximum) }

    /// Whether every resource is back.
    package var isDrained: Bool { existing == idle.count }

    /// Asks for a resource: use one, open one, or wait with ``wait(_:as:)``.
    package mutating func acquire() -> Acquisition {
        if isClosed { return .closed }
        // The one used last is the one whose caches are warm.
        if let resource = idle.popLast() { return .use(resource) }
        guard existing < maximum else { return .wait }
        existing += 1
        return .open
    }

    package mutating func wait(_ waiter: Waiter, as id: UInt64) { waiters.append((id, waiter)) }

    /// Takes a waiter out of the line, or `nil` when it was served already.
    package mutating func cancel(_ id: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).waiter
    }

    package mutating func release(_ resource: Resource) -> Release {
        if !waiters.isEmpty { return .handOver(resource, to: waiters.removeFirst().waiter) }
        if isClosed {
            existing -= 1
            return .close(resource)
        }
        idle.append(resource)
        return .keep
    }

    /// A resource could not be opened or is broken.
    ///
    /// The next waiter, if any, has to open another.
    package mutating func discard() -> Waiter? {
        existing -= 1
        guard !waiters.isEmpty else { return nil }
        existing += 1
        return waiters.removeFirst().waiter
    }

    /// Refuses further requests; returns the idle resources, which are to be closed now.
    package mutating func close() -> [Resource] {
        isClosed = true
        existing -= idle.count
        defer { idle = [] }
        return idle
    }
}
