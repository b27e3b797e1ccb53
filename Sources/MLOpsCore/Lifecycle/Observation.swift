/// The values of a read, one at once and one after each commit that changes what it has read.
///
/// ```swift
/// let running = workspace.observe { tx in try tx.runs.running().map(\.runName) }
/// for try await names in running { show(names) }
/// ```
/// While the consumer is busy, later commits are merged: the next value is the newest. Changes are
/// tracked by table, so a value may equal the one before. Commits of other programs count as well;
/// they are noticed within a second. While commits follow one another and many observers read, all
/// of them are notified less often, at the latest after ten seconds.
///
/// Each value is a separate read with the principal's current rights. The sequence ends when the
/// store is closed or the task is cancelled. It throws what the read throws, such as
/// `.permissionDenied` when the rights are gone. Each iteration starts again.
public struct Observation<Value: Sendable>: AsyncSequence, Sendable {
    /// What ``AsyncIterator/next()`` throws.
    public typealias Failure = any Error

    private let store: any StoreBackend
    private let access: Access
    private let body: @Sendable (any Transaction) throws -> Value

    fileprivate init(
        of store: any StoreBackend, as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) {
        (self.store, self.body) = (store, body)
        var access = access
        access.recordsReads = true
        self.access = access
    }

    /// Begins to observe, with the first value.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(observation: self) }

    /// One iteration.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let observation: Observation
        private var subscription: Subscription?
        private var region: TableSet = []
        private var hasEnded = false

        fileprivate init(observation: Observation) { self.observation = observation }

        /// The next value; `nil` when the store is closed or the task cancelled.
        ///
        /// - Throws: What the read throws; the sequence is over then.
        public mutating func next() async throws -> Value? {
            if hasEnded { return nil }
            // Set back at the end: whatever happens until then has ended it.
            hasEnded = true
            do {
                guard let value = try await read() else { return nil }
                hasEnded = false
                return value
            } catch is CancellationError where Task.isCancelled {
                return nil
            } catch let error as StoreError where error.code == .closed {
                return nil
            }
        }

        private mutating func read() async throws -> Value? {
            let store = observation.store
            let observer: ChangeObserver
            if let subscription {
                observer = subscription.observer
                guard await observer.change(of: region) else { return nil }
            } else {
                observer = try await store.lifecycle.changes.subscribe(
                    to: observation.access.organizationID
                ) { try await store.watchOtherPrograms() }
                subscription = Subscription(observer: observer, feed: store.lifecycle.changes)
            }
            observer.forget()
            let (value, tables) = try await store.transact(
                writing: false, as: observation.access
            ) { [body = observation.body] tx in
                let start = ContinuousClock.now
                defer { store.lifecycle.changes.note(timeOfRead: ContinuousClock.now - start) }
                let value = try body(tx)
                return (value, try tx.engine.tablesRead)
            }
            region = tables
            return value
        }
    }
}

/// Observes for as long as it is kept.
private final class Subscription: Sendable {
    let observer: ChangeObserver
    private let feed: ChangeFeed

    init(observer: ChangeObserver, feed: ChangeFeed) {
        (self.observer, self.feed) = (observer, feed)
    }

    deinit { feed.unsubscribe(observer) }
}

extension Workspace {
    /// Observes what a read gives, within the workspace's organization and the principal's rights.
    ///
    /// - Parameter body: It may run often, and should do nothing outside the database.
    public func observe<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) -> Observation<Value> { Observation(of: store, as: access, body) }
}

extension SystemAccess {
    /// Observes what a read gives, over all organizations.
    ///
    /// - Parameter body: It may run often, and should do nothing outside the database.
    public func observe<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) -> Observation<Value> { Observation(of: store, as: access, body) }
}
