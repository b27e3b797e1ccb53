import Synchronization

/// Work of a store that ends before the store closes, such as a run that is still logged.
package protocol EndsWithStore: AnyObject, Sendable {
    /// Ends the work; nothing when it has ended.
    func endWithStore() async
}

/// What has to end before a store closes.
package final class OpenWork: Sendable {
    private struct Entry: Sendable { weak var work: (any EndsWithStore)? }

    private let entries = Mutex<[Entry]>([])

    package init() {}

    /// Adds work, which is not kept alive.
    package func add(_ work: any EndsWithStore) {
        withEntries { $0.append(Entry(work: work)) }
    }

    /// What has not gone.
    package var all: [any EndsWithStore] { withEntries { $0.compactMap(\.work) } }

    /// Ends all of it.
    package func endAll() async { for work in all { await work.endWithStore() } }

    /// Uses the entries, without those that are gone.
    ///
    /// None goes while the lock is held: work that goes may write, and so ask for the lock.
    private func withEntries<Value>(_ body: (inout [Entry]) -> Value) -> Value {
        let (value, alive) = entries.withLock { entries in
            let alive = entries.map(\.work)
            entries.removeAll { $0.work == nil }
            return (body(&entries), alive)
        }
        return withExtendedLifetime(alive) { value }
    }
}
