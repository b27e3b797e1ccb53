import Dispatch
import Synchronization

/// The loggers of this process, for a signal that ends them all, and for their common timer.
///
/// A timer of its own would cost a short run more than its points.
package enum OpenLoggers {
    private struct Entry: Sendable {
        weak var logger: RunLogger?
        var due: DispatchTime
    }

    private struct State {
        var entries: [Entry] = []
        /// When the timer rings next, if it does.
        var alarm: DispatchTime?
    }

    private static let state = Mutex(State())

    /// The queue of every logger's ticks, which only hand work on.
    private static let timer = DispatchQueue(label: "mlops.tracking.timer")

    /// Uses the state, without the loggers that are gone.
    ///
    /// None goes while the lock is held: a logger that does writes, and may warn.
    private static func withState<Value>(_ body: (inout State) -> Value) -> Value {
        let (value, loggers) = state.withLock { state in
            let loggers = state.entries.map(\.logger)
            state.entries.removeAll { $0.logger == nil }
            return (body(&state), loggers)
        }
        return withExtendedLifetime(loggers) { value }
    }

    /// Adds a logger, which is ticked until it is gone or its run has ended.
    static func add(_ logger: RunLogger) {
        withState { state in
            let due = DispatchTime.now() + logger.tickInterval.timeInterval
            state.entries.append(Entry(logger: logger, due: due))
            setAlarm(&state)
        }
    }

    /// Lets the timer ring for the logger that is due first, unless it rings before anyway.
    private static func setAlarm(_ state: inout State) {
        guard let due = state.entries.map(\.due).min() else { return }
        if let alarm = state.alarm, alarm <= due { return }
        state.alarm = due
        timer.asyncAfter(deadline: due) { ring(due) }
    }

    private static func ring(_ alarm: DispatchTime) {
        let due = withState { state -> [RunLogger] in
            // Another was set for before this one.
            guard state.alarm == alarm else { return [] }
            state.alarm = nil
            state.entries.removeAll { $0.logger?.isEnded != false }
            let now = DispatchTime.now()
            var due: [RunLogger] = []
            for (index, entry) in state.entries.enumerated() where entry.due <= now {
                guard let logger = entry.logger else { continue }
                due.append(logger)
                state.entries[index].due = now + logger.tickInterval.timeInterval
            }
            setAlarm(&state)
            return due
        }
        for logger in due { logger.tick() }
    }

    /// Those whose run has not ended.
    static var all: [RunLogger] {
        withState { $0.entries.compactMap(\.logger) }.filter { !$0.isEnded }
    }
}
