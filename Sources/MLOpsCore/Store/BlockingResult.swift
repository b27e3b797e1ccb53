package import Dispatch
import Synchronization

/// A result that a thread waits for.
package final class BlockingResult<Value: Sendable>: Sendable {
    private let isGiven = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<Value, any Error>>(.failure(CancellationError()))

    package init() {}

    /// Gives the result, once.
    package func give(_ result: Result<Value, any Error>) {
        self.result.withLock { $0 = result }
        isGiven.signal()
    }

    /// Waits for the result; `nil` when it was not given in time.
    package func wait(until deadline: DispatchTime) -> Result<Value, any Error>? {
        isGiven.wait(timeout: deadline) == .success ? result.withLock { $0 } : nil
    }

    /// Waits for the result.
    package func wait() -> Result<Value, any Error> {
        isGiven.wait()
        return result.withLock { $0 }
    }
}
