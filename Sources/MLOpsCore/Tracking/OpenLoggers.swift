import Dispatch
import Synchronization

/// The loggers of this process, which share a timer and the handling of signals.
///
/// A timer for each logger would cost a short run more than its points.
package enum OpenLoggers {
    private struct Entry: Sendable {
        weak var logger: RunLogger?
        var due: DispatchTime
    }

    private struct State {
        var entries: [Entry] = []
        /// When the timer fires next; `nil` when it is not set.
        var alarm: DispatchTime?
    }

    private static let state = Mutex(State())

    /// The queue of the ticks of all loggers, which only start work elsewhere.
    private static let timer = DispatchQueue(label: "mlops.tracking.timer")

    /// Accesses the state, after removing the loggers that were released.
    ///
    /// No logger is released while the lock is held: its `deinit` writes, and may log a warning.
    private static func withState<Value>(_ body: (inout State) -> Value) -> Value {
        let (value, loggers) = state.withLock { state in
            let loggers = state.entries.map(\.logger)
            state.entries.removeAll { $0.logger == nil }
            return (body(&state), loggers)
        }
        return withExtendedLifetime(loggers) { value }
    }

    /// Adds a logger, which is ticked until it is released or its run has ended.
    static func add(_ logger: RunLogger) {
        withState { state in
            let due = DispatchTime.now() + logger.tickInterval.timeInterval
            state.entries.append(Entry(logger: logger, due: due))
            setAlarm(&state)
        }
    }

    /// Sets the timer for the logger that is due first, unless it fires earlier anyway.
    private static func setAlarm(_ state: inout State) {
        guard let due = state.entries.map(\.due).min() else { return }
        if let alarm = state.alarm, alarm <= due { return }
        state.alarm = due
        timer.asyncAfter(deadline: due) { ring(due) }
    }

    private static func ring(_ alarm: DispatchTime) {
        let due = withState { state -> [RunLogger] in
            // An earlier time was set meanwhile.
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

    /// The runs that are being resumed; their loggers are made after the transaction.
    private static let claims = Mutex<[Claim]>([])

    /// A run that a program of this process has, or is about to have, a logger of.
    struct Claim: Sendable {
        let run: Identifier<ExperimentRun>
        let store: StoreLifecycle
        fileprivate let number = Identifier<Claim>()
    }

    /// Claims a run until ``release(_:)``.
    ///
    /// - Returns: The claim, and the stores in which the run is logged or claimed already.
    static func claim(
        _ run: Identifier<ExperimentRun>, in store: StoreLifecycle
    ) -> (Claim, others: [StoreLifecycle]) {
        let claim = Claim(run: run, store: store)
        // The claims first: a logger is made before its claim is released.
        let claimed = claims.withLock { claims in
            defer { claims.append(claim) }
            return claims.filter { $0.run == run }.map(\.store)
        }
        let logged = all.filter { $0.id == run }.map(\.workspace.store.lifecycle)
        return (claim, claimed + logged)
    }

    static func release(_ claim: Claim) {
        claims.withLock { $0.removeAll { $0.number == claim.number } }
    }

    /// The loggers whose run has not ended.
    static var all: [RunLogger] {
        withState { $0.entries.compactMap(\.logger) }.filter { !$0.isEnded }
    }
}
