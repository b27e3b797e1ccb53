import CLibPQ
import Dispatch
import Foundation

/// Asks the server to cancel the running statement, from any thread.
///
/// `@unchecked Sendable`: libpq's cancel object may be used from any thread, and the lock guards
/// the rest.
final class Canceller: @unchecked Sendable {
    private let handle: OpaquePointer?
    private let lock = NSLock()
    private var sent: ContinuousClock.Instant?
    private var abandoned = false
    /// A cancel request opens a connection, which may block.
    private let queue = DispatchQueue(label: "mlops.postgres.cancel")

    init(_ handle: OpaquePointer?) { self.handle = handle }

    deinit { PQfreeCancel(handle) }

    var sentAt: ContinuousClock.Instant? { lock.withLock { sent } }
    var isAbandoned: Bool { lock.withLock { abandoned } }

    func abandon() { lock.withLock { abandoned = true } }

    func cancel() {
        lock.withLock { sent = sent ?? .now }
        queue.async { [self] in
            var message = [CChar](repeating: 0, count: 256)
            PQcancel(handle, &message, Int32(message.count))
        }
    }
}
