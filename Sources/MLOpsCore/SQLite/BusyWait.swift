import CSQLite
import Foundation

/// The wait for a lock that another connection holds; a stop of the work ends it.
final class BusyWait {
    /// How long one statement waits.
    var limit: Duration
    private let interruption: Interruption
    private var start = ContinuousClock.now

    /// Milliseconds between two tries, the last for all that follow.
    ///
    /// SQLite's own wait grows to 100: then a free lock waits for somebody to wake up, and who has
    /// waited longest tries least often.
    private static let delays = [1, 2, 5, 10]

    init(limit: Duration, _ interruption: Interruption) {
        self.limit = limit
        self.interruption = interruption
    }

    /// Makes a connection wait so; the wait has to live as long as the connection.
    func install(on handle: OpaquePointer) {
        sqlite3_busy_handler(
            handle,
            { context, attempt in
                guard let context else { return 0 }
                let wait = Unmanaged<BusyWait>.fromOpaque(context).takeUnretainedValue()
                return wait.sleep(before: Int(attempt)) ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether the lock is worth another try.
    private func sleep(before attempt: Int) -> Bool {
        if attempt == 0 { start = .now }
        let remaining = limit - (ContinuousClock.now - start)
        guard remaining > .zero, (try? interruption.check()) != nil else { return false }
        let delay = Duration.milliseconds(Self.delays[min(attempt, Self.delays.count - 1)])
        Thread.sleep(forTimeInterval: min(delay, remaining).timeInterval)
        return true
    }
}
