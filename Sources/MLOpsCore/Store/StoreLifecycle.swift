import Foundation
import Synchronization

/// Whether a store is open, who uses it now, who watches it, and what ends before it closes.
package final class StoreLifecycle: Sendable {
    package let openWork = OpenWork()
    package let changes = ChangeFeed()
    private let isClosed = Mutex(false)
    /// The threads that run a body of a transaction.
    private let threads = Mutex<Set<ObjectIdentifier>>([])

    package init() {}

    /// - Throws: `.closed`.
    package func checkOpen() throws {
        if isClosed.withLock({ $0 }) { throw StoreError.storeIsClosed }
    }

    /// Runs a body of a transaction, and remembers its thread.
    func running<Value>(_ body: () throws -> Value) rethrows -> Value {
        let thread = ObjectIdentifier(Thread.current)
        threads.withLock { _ = $0.insert(thread) }
        defer { threads.withLock { _ = $0.remove(thread) } }
        return try body()
    }

    /// Whoever waits for the store in a body of it waits for himself.
    ///
    /// - Throws: `.nestedTransaction` on a thread that runs a body of the store.
    func checkIsInNoBody() throws {
        let thread = ObjectIdentifier(Thread.current)
        guard !threads.withLock({ $0.contains(thread) }) else {
            throw StoreError(
                .nestedTransaction,
                "A transaction of this store runs on this thread; use it, instead of another one.")
        }
    }

    /// - Throws: `.closed`; `.nestedTransaction` on a thread that runs a body of the store.
    package func checkMayWait() throws {
        try checkOpen()
        try checkIsInNoBody()
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
