import Synchronization

/// Stops the work of one connection from another thread.
///
/// The backend's own interrupt stops a running statement. Between two statements, the check at the
/// start of the next one stops the body.
package final class Interruption: Sendable {
    package enum Reason: Sendable { case cancelled, snapshotExpired }

    private struct State {
        var lastTicket: UInt64 = 0
        var current: UInt64?
        var pending: [UInt64: Reason?] = [:]
        var reason: Reason?
        var shields = 0
        var interrupt: (@Sendable () -> Void)?

        mutating func stop(_ reason: Reason) {
            self.reason = reason
            if shields == 0 { interrupt?() }
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Sets the function that stops a running statement; `nil` before the connection is closed.
    package func setInterrupt(_ interrupt: (@Sendable () -> Void)?) {
        state.withLock { $0.interrupt = interrupt }
    }

    /// A ticket for work that is about to be queued.
    func ticket() -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            state.pending[state.lastTicket] = .some(nil)
            return state.lastTicket
        }
    }

    /// Stops the work of a ticket, queued or running; does nothing once it has ended.
    func stop(_ ticket: UInt64, _ reason: Reason) {
        state.withLock { state in
            if state.current == ticket {
                state.stop(reason)
            } else if state.pending[ticket] != nil {
                state.pending[ticket] = .some(reason)
            }
        }
    }

    /// Stops the running work, if any.
    package func stopCurrent(_ reason: Reason) {
        state.withLock { state in
            guard state.current != nil else { return }
            state.stop(reason)
        }
    }

    /// Runs the work of a ticket.
    func run<Value>(_ ticket: UInt64, _ body: () throws -> Value) throws -> Value {
        state.withLock { state in
            state.reason = state.pending.removeValue(forKey: ticket) ?? nil
            state.current = ticket
        }
        defer {
            state.withLock { state in
                state.current = nil
                state.reason = nil
            }
        }
        try check()
        return try body()
    }

    /// Runs a body that must not be stopped, such as a rollback.
    ///
    /// A stop that arrives meanwhile takes effect after the body.
    package func shielded<Value>(_ body: () throws -> Value) rethrows -> Value {
        state.withLock { $0.shields += 1 }
        defer { state.withLock { $0.shields -= 1 } }
        return try body()
    }

    /// Throws if the work was asked to stop.
    ///
    /// - Throws: `CancellationError`, or `.snapshotExpired`.
    package func check() throws {
        switch state.withLock({ $0.shields > 0 ? nil : $0.reason }) {
        case nil: return
        case .cancelled: throw CancellationError()
        case .snapshotExpired:
            throw StoreError(
                .snapshotExpired,
                "The read held its snapshot so long that the WAL outgrew its budget; "
                    + "read in smaller pieces, or raise `walBudget`.")
        }
    }
}
