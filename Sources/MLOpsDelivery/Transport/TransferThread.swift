import Foundation
import Synchronization

/// Tells a transfer on its thread that nobody waits for it any more.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}

/// Runs blocking transfers on threads of their own.
///
/// A transfer waits up to 15 s for a receiver; on Swift's pool, or a queue with a limit, a few
/// receivers that hang would hold up all others. There are as many threads as attempts under way,
/// which the caller limits.
enum TransferThread {
    /// Runs the body on a new thread; a cancelled task sets the flag, within a second.
    static func run<Result: Sendable>(
        _ body: @escaping @Sendable (CancellationFlag) -> Result
    ) async -> Result {
        let flag = CancellationFlag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    // A connection that breaks while it is written to must not end the program.
                    var signals = sigset_t()
                    sigemptyset(&signals)
                    sigaddset(&signals, SIGPIPE)
                    pthread_sigmask(SIG_BLOCK, &signals, nil)
                    continuation.resume(returning: body(flag))
                }
            }
        } onCancel: {
            flag.set()
        }
    }
}
