import CSQLite
import Foundation

/// Waits for a lock that another connection holds; an interruption ends the wait.
final class BusyWait {
    /// How long one statement waits.
    var limit: Duration
    private let interruption: Interruption
    private var start = ContinuousClock.now

    /// The delays between attempts, in milliseconds; the last one repeats.
    ///
    /// SQLite's own delays grow to 100 ms. A lock could then stay unused for that long after its
    /// release, and the connection that has waited longest would try least often.
    private static let delays = [1, 2, 5, 10]

    init(limit: Duration, _ interruption: Interruption) {
        self.limit = limit
        self.interruption = interruption
    }

    /// Becomes the busy handler of a connection, and has to live as long as the connection.
    func install(on handle: OpaquePointer) {
        sqlite3_busy_handler(
            handle,
            { context, attempt in
                guard let context else { return 0 }
                let wait = Unmanaged<BusyWait>.fromOpaque(context).takeUnretainedValue()
                return wait.sleep(before: Int(attempt)) ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Sleeps before the next attempt; `false` when the time is up or the work was stopped.
    private func sleep(before attempt: Int) -> Bool {
        if attempt == 0 { start = .now }
        let remaining = limit - (ContinuousClock.now - start)
        guard remaining > .zero, (try? interruption.check()) != nil else { return false }
        let delay = Duration.milliseconds(Self.delays[min(attempt, Self.delays.count - 1)])
        Thread.sleep(forTimeInterval: min(delay, remaining).timeInterval)
        return true
    }
}
