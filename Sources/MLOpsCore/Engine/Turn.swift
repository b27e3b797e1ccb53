import Dispatch
import Synchronization

/// A fair lock: one thread at a time holds it, in the order of the requests.
///
/// A semaphore is not fair: a thread that releases and takes it in a loop wins before a waiting
/// thread has woken up.
final class Turn: Sendable {
    private struct State {
        var isTaken = false
        var waiters: [BlockingResult<Void>] = []
    }

    private let state = Mutex(State())

    /// Waits for the turn and takes it.
    ///
    /// - Returns: `false` when the deadline passed first.
    @discardableResult
    func take(until deadline: DispatchTime = .distantFuture) -> Bool {
        let waiter = state.withLock { state -> BlockingResult<Void>? in
            guard state.isTaken else {
                state.isTaken = true
                return nil
            }
            let waiter = BlockingResult<Void>()
            state.waiters.append(waiter)
            return waiter
        }
        guard let waiter, waiter.wait(until: deadline) == nil else { return true }
        let isOutOfLine = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0 === waiter }) else {
                return false
            }
            state.waiters.remove(at: index)
            return true
        }
        if isOutOfLine { return false }
        // The turn was handed over after the deadline had passed.
        _ = waiter.wait()
        return true
    }

    /// Hands the turn to the next thread in line, if any.
    func giveBack() {
        let next = state.withLock { state -> BlockingResult<Void>? in
            guard !state.waiters.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.give(.success(()))
    }
}
