import Dispatch
import Foundation
import Synchronization

/// Where reads pass before they take a snapshot.
///
/// The write-ahead log starts anew only in a moment in which no snapshot needs it, and reads that
/// overlap leave no such moment by themselves: the gate makes one.
final class SnapshotGate: Sendable {
    private let gate = NSLock()
    private let inside = DispatchGroup()
    private let holders = Mutex<[ObjectIdentifier: Interruption]>([:])

    /// Runs a read, whose work `interruption` can stop.
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

    /// Runs a body while no read of this store is inside, unless one cannot be stopped.
    ///
    /// - Parameters:
    ///   - grace: How long reads may go on before they are stopped.
    ///   - body: It gets the number of reads that were stopped.
    func shut<Value>(grace: Duration, _ body: (Int) throws -> Value) rethrows -> Value {
        try gate.withLock {
            guard !isEmpty(within: grace) else { return try body(0) }
            let stopped = holders.withLock { holders in
                // A read cannot leave meanwhile, so that the stop reaches no other.
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
