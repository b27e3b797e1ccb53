import Dispatch
import Foundation

/// One connection on a serial queue of its own, so that blocking calls block nothing else.
///
/// `@unchecked Sendable`: `connection` is not `Sendable`, and is read only inside `queue.async` of
/// the private serial queue. It cannot leave there: bodies are `@Sendable` and return `Sendable`
/// values, and a connection is not.
package final class ConnectionQueue<Connection: SQLConnection>: @unchecked Sendable {
    private let queue: DispatchQueue
    private var connection: Connection?
    package let interruption: Interruption

    package init(_ connection: sending Connection, label: String, interruption: Interruption) {
        self.connection = connection
        self.interruption = interruption
        queue = DispatchQueue(label: label)
    }

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

    /// Runs the body on the queue and reports there.
    package func submit<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value,
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        enqueue(interruption.ticket(), body, completion)
    }

    private func enqueue<Value: Sendable>(
        _ ticket: UInt64, _ body: @escaping @Sendable (Connection) throws -> Value,
        _ completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        queue.async { [self] in
            completion(
                Result {
                    guard let connection else {
                        throw StoreError(.closed, "The store is closed; open it again.")
                    }
                    return try interruption.run(ticket) { try body(connection) }
                })
        }
    }

    /// Closes the connection when all that was queued is done.
    package func close() async {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                connection = nil
                continuation.resume()
            }
        }
    }
}

extension SQLConnection {
    /// Runs a body in one transaction of this connection.
    func transact<Value>(
        _ kind: TransactionKind, as access: Access, at now: Date, interruption: Interruption,
        _ body: (SQLTransaction) throws -> Value
    ) throws -> Value {
        try begin(kind)
        let transaction = SQLTransaction(self, access: access, kind: kind, now: now)
        defer { transaction.close() }
        do {
            let value = try body(transaction)
            try interruption.check()
            try commit()
            return value
        } catch {
            interruption.clear()
            // The database may have rolled back by itself (a full disk); the first error is the one
            // to report.
            try? rollback()
            throw error
        }
    }
}
