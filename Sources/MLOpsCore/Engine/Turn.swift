import Dispatch
import Synchronization

/// Leave to use something, for one thread at a time and in the order in which they asked.
///
/// A semaphore has no such order: a thread that gives it back and takes it again in a loop is there
/// before any other has woken up.
final class Turn: Sendable {
    private struct State {
        var isTaken = false
        var waiters: [BlockingResult<Void>] = []
    }

    private let state = Mutex(State())

    /// Takes the turn, and waits for it.
    ///
    /// - Returns: Whether it came in time.
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
        // The turn came just now.
        _ = waiter.wait()
        return true
    }

    /// Hands the turn to the next in line.
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
