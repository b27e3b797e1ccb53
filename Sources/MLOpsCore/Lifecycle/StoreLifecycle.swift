import Synchronization

/// Whether a store is open, and what ends before it closes.
package final class StoreLifecycle: Sendable {
    package let openWork = OpenWork()
    private let isClosed = Mutex(false)

    package init() {}

    /// - Throws: `.closed`.
    package func checkOpen() throws {
        if isClosed.withLock({ $0 }) { throw StoreError.storeIsClosed }
    }

    /// Ends the open work, refuses new work, and then runs the body, once.
    package func close(_ body: () async -> Void) async {
        await openWork.endAll()
        let wasClosed = isClosed.withLock { closed in
            defer { closed = true }
            return closed
        }
        if !wasClosed { await body() }
    }
}
