import Dispatch
import Foundation
import Synchronization

/// A gate that every read passes before it takes a snapshot.
///
/// The write-ahead log can restart only at a moment when no snapshot needs it. Overlapping reads
/// may never leave such a moment; shutting the gate makes one.
final class SnapshotGate: Sendable {
    private let gate = NSLock()
    private let inside = DispatchGroup()
    private let holders = Mutex<[ObjectIdentifier: Interruption]>([:])

    /// Runs a read that `interruption` can stop.
    func pass<Value>(
        _ interruption: Interruption, _ read: () throws -> Value
    ) rethrows -> Value {
        let id = ObjectIdentifier(interruption)
        gate.withLock {
            inside.enter()
            holders.withLock { $0[id] = interruption }
        }
        defer {
            holders.withLock { $0[id] = nil }
            inside.leave()
        }
        return try read()
    }

    /// Runs a body while no read of this store holds a snapshot, unless a read cannot be stopped.
    ///
    /// - Parameters:
    ///   - grace: How long reads may go on before they are stopped.
    ///   - body: Receives the number of reads that were stopped.
    func shut<Value>(grace: Duration, _ body: (Int) throws -> Value) rethrows -> Value {
        try gate.withLock {
            guard !isEmpty(within: grace) else { return try body(0) }
            let stopped = holders.withLock { holders in
                // The lock keeps a read from leaving, so that the stop cannot reach a later one.
                for interruption in holders.values { interruption.stopCurrent(.snapshotExpired) }
                return holders.count
            }
            _ = isEmpty(within: grace)
            return try body(stopped)
        }
    }

    private func isEmpty(within limit: Duration) -> Bool {
        inside.wait(timeout: .after(limit)) == .success
    }
}
