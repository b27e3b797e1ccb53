import Foundation
import Synchronization

/// Whether a store is open, who uses it now, who watches it, and what ends before it closes.
package final class StoreLifecycle: Sendable {
    package let openWork = OpenWork()
    package let changes = ChangeFeed()
    package let rules = RuleCache()
    private let isClosed = Mutex(false)
    /// The threads that use a connection of the store.
    private let threads = Mutex<Set<ObjectIdentifier>>([])

    package init() {}

    /// - Throws: `.closed`.
    package func checkOpen() throws {
        if isClosed.withLock({ $0 }) { throw StoreError.storeIsClosed }
    }

    /// Runs a body that uses a connection of the store, and remembers its thread.
    func usingConnection<Value>(_ body: () throws -> Value) rethrows -> Value {
        let thread = ObjectIdentifier(Thread.current)
        let isFirst = threads.withLock { $0.insert(thread).inserted }
        defer { if isFirst { threads.withLock { _ = $0.remove(thread) } } }
        return try body()
    }

    /// A thread that uses a connection must not wait for the store: it might wait for itself.
    ///
    /// - Throws: `.nestedTransaction` inside a transaction, the progress of a backup, or a log
    ///   handler that a statement has called.
    func checkUsesNoConnection() throws {
        let thread = ObjectIdentifier(Thread.current)
        guard !threads.withLock({ $0.contains(thread) }) else {
            throw StoreError(
                .nestedTransaction,
                "This thread is inside a call of this store; use its transaction, or wait until "
                    + "the call has ended.")
        }
    }

    /// - Throws: `.closed`; `.nestedTransaction` on a thread that uses a connection of the store.
    package func checkMayWait() throws {
        try checkOpen()
        try checkUsesNoConnection()
    }

    /// Ends the open work, refuses new work, ends every observation, and then runs the body, once.
    package func close(_ body: () async -> Void) async {
        await openWork.endAll()
        let wasClosed = isClosed.withLock { closed in
            defer { closed = true }
            return closed
        }
        guard !wasClosed else { return }
        await changes.end()
        await body()
    }
}
