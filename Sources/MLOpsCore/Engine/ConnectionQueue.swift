import Dispatch
import Foundation
import Synchronization

/// One connection on its own serial queue, so that blocking calls block nothing else.
///
/// A caller that may block can use it on the caller's own thread, with ``runHere(waiting:_:)``. The
/// first use opens the connection. A use after it has broken opens a new one.
///
/// `@unchecked Sendable`: only the thread that holds the turn touches `connection`, which is not
/// `Sendable`, and `isClosed`. A body cannot let the connection escape, because its result has to
/// be `Sendable`.
package final class ConnectionQueue<Connection: SQLConnection>: @unchecked Sendable {
    private let queue: DispatchQueue
    private let lifecycle: StoreLifecycle
    private let open: @Sendable (Interruption) throws -> Connection
    private var connection: Connection?
    private var isClosed = false
    private let usable = Mutex(true)
    /// Held by the thread that uses the connection.
    private let turn = Turn()
    package let interruption = Interruption()

    /// - Parameters:
    ///   - lifecycle: The store's; it knows the threads that use a connection.
    ///   - open: Opens the connection; called on the thread that first uses it.
    package init(
        label: String, of lifecycle: StoreLifecycle = StoreLifecycle(),
        open: @escaping @Sendable (Interruption) throws -> Connection
    ) {
        self.lifecycle = lifecycle
        self.open = open
        queue = DispatchQueue(label: label)
    }

    /// Whether the last work left a connection that can be used again.
    var isUsable: Bool { usable.withLock { $0 } }

    /// Runs the body on the queue; cancelling the task stops it.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        let ticket = interruption.ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(ticket, body) { continuation.resume(with: $0) }
            }
        } onCancel: {
            interruption.stop(ticket, .cancelled)
        }
    }

    /// Runs the body on the caller's thread when the connection is free.
    ///
    /// A thread that already uses the connection must not call this: it would deadlock.
    ///
    /// - Parameter limit: How long to wait for the connection; `nil` waits without limit.
    /// - Throws: `.busy` when the connection was not free in time; what the body throws.
    package func runHere<Value: Sendable>(
        waiting limit: Duration?, _ body: (Connection) throws -> Value
    ) throws -> Value {
        guard turn.take(until: .after(limit)) else { throw StoreError.noConnection }
        defer { turn.giveBack() }
        return try work(interruption.ticket(), body)
    }

    /// Runs the body on the queue and reports there.
    package func submit<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value,
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        enqueue(interruption.ticket(), body, completion)
    }

    /// Whether the database still answers, checked on the caller's thread.
    func isAliveHere() -> Bool {
        (try? runHere(waiting: nil) { $0.isAlive() }) ?? false
    }

    /// Whether the database still answers.
    func isAlive() async -> Bool {
        await withCheckedContinuation { continuation in
            submit {
                $0.isAlive()
            } completion: {
                continuation.resume(returning: (try? $0.get()) ?? false)
            }
        }
    }

    private func enqueue<Value: Sendable>(
        _ ticket: UInt64, _ body: @escaping @Sendable (Connection) throws -> Value,
        _ completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        queue.async { [self] in
            turn.take()
            let result: Result<Value, any Error> = Result { try work(ticket, body) }
            turn.giveBack()
            completion(result)
        }
    }

    private func work<Value>(
        _ ticket: UInt64, _ body: (Connection) throws -> Value
    ) throws -> Value {
        try lifecycle.usingConnection {
            try interruption.run(ticket) {
                let connection = try current()
                defer { leave(connection) }
                return try body(connection)
            }
        }
    }

    private func current() throws -> Connection {
        if isClosed { throw StoreError.storeIsClosed }
        connection?.awaitPendingAnswer()
        if let connection, connection.isUsable { return connection }
        connection = nil
        usable.withLock { $0 = false }
        let opened = try open(interruption)
        connection = opened
        usable.withLock { $0 = true }
        return opened
    }

    /// Rolls back what a body left open, and drops a connection that is no longer usable.
    private func leave(_ used: Connection) {
        try? used.rollback()
        let isUsable = used.isUsable
        usable.withLock { $0 = isUsable }
        if !isUsable { connection = nil }
    }

    /// Closes the connection after the queued work.
    package func close() async {
        await withCheckedContinuation { continuation in
            closeSoon { continuation.resume() }
        }
    }

    /// Closes the connection after the queued work, without waiting for it.
    package func closeSoon(_ completion: @escaping @Sendable () -> Void = {}) {
        queue.async { [self] in
            turn.take()
            isClosed = true
            connection = nil
            turn.giveBack()
            completion()
        }
    }
}
