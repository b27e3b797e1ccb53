import Foundation
import Logging
import MLOpsCore
import ServiceLifecycle
import Synchronization

/// The windows of a monitor.
struct Timeline {
    /// When the open window began, since the monitor was made.
    var start = Duration.zero
    /// When it has to end; later windows end whole lengths after that, however late one was.
    var due: Duration
    /// When the open drift window began.
    var driftStart = Duration.zero
    /// Windows that have ended and are not stored, oldest first.
    var pending: [MonitorWindow] = []
    /// What stores them, the oldest first, until none is left or one cannot be stored.
    var writer: Task<Bool, Never>?
    /// How many were given up.
    var lost = 0
    /// How many rows of other windows were refused.
    var refusedRows = 0

    init(due: Duration) { self.due = due }
}

extension DeploymentMonitor {
    /// Ends each window when it is due and stores it, until the task is cancelled or shut down
    /// gracefully; then it stores the last one.
    ///
    /// Windows end on time also while the store is slow: those that have ended wait for it.
    ///
    /// - Throws: `CancellationError`.
    public func run() async throws {
        while true {
            let rest = timeline.withLock { $0.due } - elapsed()
            // Ends early at a shutdown.
            try? await cancelWhenGracefulShutdown { try await self.sleep(max(rest, .zero)) }
            guard !Task.isCancelled, !Task.isShuttingDownGracefully else { break }
            // A flush may have ended it meanwhile.
            guard timeline.withLock({ $0.due }) <= elapsed() else { continue }
            endWindow()
            _ = store()
        }
        await flush()
        try Task.checkCancellation()
    }

    /// Ends the window and the drift window now, and stores what is not stored yet.
    ///
    /// A drift window with too few rows goes on. What cannot be stored is kept and tried again at
    /// the end of the next window. Cancelling the task does not interrupt it.
    ///
    /// - Returns: Whether everything is stored.
    @discardableResult
    public func flush() async -> Bool {
        endWindow(isForced: true)
        let (task, isNew) = store()
        if await task.value { return true }
        // The attempt that failed may have begun before this call.
        return isNew ? false : await store().task.value
    }

    /// - Parameter isForced: Whether the window and the drift window end before they are due.
    private func endWindow(isForced: Bool = false) {
        let (lost, problem) = timeline.withLock { timeline in
            let (now, time) = (elapsed(), workspace.now)
            let figures = takeFigures(seconds: max((now - timeline.start) / .seconds(1), 1))
            timeline.start = now
            // On the grid, unless whole windows were missed, as while the machine slept.
            timeline.due += configuration.length
            if isForced || timeline.due <= now { timeline.due = now + configuration.length }
            var report: DataDriftReport?
            var problem: String?
            let age = now - timeline.driftStart
            if isForced || age >= configuration.driftWindow {
                let end = endDriftWindow(seconds: max(age / .seconds(1), 0), at: time)
                (report, problem) = (end.report, end.problem)
                if end.isOver { timeline.driftStart = now }
            }
            if !figures.isEmpty || report != nil {
                timeline.pending.append(MonitorWindow(end: time, figures: figures, report: report))
            }
            var lost: [MonitorWindow] = []
            while timeline.pending.count > max(configuration.maximumPendingWindows, 1) {
                lost.append(timeline.pending.remove(at: timeline.writer == nil ? 0 : 1))
                timeline.lost += 1
            }
            return (lost, problem)
        }
        for window in lost { tell(lost: window, "too many windows wait") }
        if let problem {
            configuration.logger.error(
                "Observed features cannot be compared.",
                metadata: place.merging(["error": "\(problem)"]) { $1 })
        }
        for (refusals, what) in [(refusals, "records"), (features?.refusals, "features")] {
            guard let (count, first) = refusals?.takeMessage() else { continue }
            configuration.logger.warning(
                "A monitor has refused \(what).",
                metadata: ["count": "\(count)", "first": "\(first)"].merging(place) { $1 })
        }
    }

    /// A drift window with too few rows is not over, one without any is.
    private func endDriftWindow(
        seconds: Double, at time: Date
    ) -> (isOver: Bool, report: DataDriftReport?, problem: String?) {
        guard let features else { return (true, nil, nil) }
        guard let rows = features.take() else { return (features.isEmpty, nil, nil) }
        do {
            // The start follows from the duration, for the clock may have gone back.
            let report = try features.detector.report(
                rows.columns, deployment: deployment, from: time - seconds, to: time,
                observed: rows.observed)
            return (true, report, nil)
        } catch {
            return (true, nil, "\(error)")
        }
    }

}

// MARK: - The store

extension DeploymentMonitor {
    /// Begins to store the windows that wait; what does so already takes them too.
    private func store() -> (task: Task<Bool, Never>, isNew: Bool) {
        timeline.withLock { timeline in
            if let running = timeline.writer { return (running, false) }
            let task = Task { await self.storePending() }
            timeline.writer = task
            return (task, true)
        }
    }

    private func storePending() async -> Bool {
        while let window = nextWindow() {
            do {
                let refused = try await write(window)
                timeline.withLock { timeline in
                    timeline.pending.removeFirst()
                    if refused.count < window.rowCount {
                        timeline.refusedRows += refused.count
                    } else {
                        timeline.lost += 1
                    }
                }
                tell(stored: window, refused)
            } catch {
                timeline.withLock {
                    $0.pending[0].attempts += 1
                    $0.writer = nil
                }
                configuration.logger.warning(
                    "A window of a monitor cannot be stored, and is kept.",
                    metadata: place(of: window).merging(["error": "\(error)"]) { $1 })
                return false
            }
        }
        return true
    }

    /// Stores all rows of a window, or all that the store does not refuse.
    private func write(_ window: MonitorWindow) async throws -> [MonitorWindow.Refused] {
        do {
            try await workspace.write { try window.store(for: self.deployment, in: $0) }
            return []
        } catch let error as StoreError where error.isOfContent {
            return try await workspace.write {
                try window.storeApart(for: self.deployment, in: $0)
            }
        }
    }

    /// The oldest window that waits; without any the writer has ended.
    private func nextWindow() -> MonitorWindow? {
        timeline.withLock { timeline in
            if timeline.pending.isEmpty { timeline.writer = nil }
            return timeline.pending.first
        }
    }
}

// MARK: - The log

extension DeploymentMonitor {
    private func tell(lost window: MonitorWindow, _ reason: String) {
        configuration.logger.error(
            "A window of a monitor is lost.",
            metadata: place(of: window).merging(["error": "\(reason)"]) { $1 })
    }

    private func tell(stored window: MonitorWindow, _ refused: [MonitorWindow.Refused]) {
        if let first = refused.first {
            let what = "\(first.row): \(first.error)"
            guard refused.count < window.rowCount else { return tell(lost: window, what) }
            configuration.logger.error(
                "The store has refused rows of a window of a monitor.",
                metadata: place(of: window).merging(
                    ["refused": "\(refused.count)", "first": "\(what)"]) { $1 })
        }
        guard window.attempts > 0 else { return }
        configuration.logger.notice(
            "A window of a monitor is stored at last.", metadata: place(of: window))
    }

    /// Tells when the program ends what it never flushed.
    func tellWhatIsNotStored() {
        let waiting = timeline.withLock(\.pending.count)
        guard waiting > 0 || hasRecords || features?.isEmpty == false else { return }
        configuration.logger.warning(
            "A monitor ends with records that are not stored.",
            metadata: place.merging(["windows": "\(waiting)"]) { $1 })
    }

    private var place: Logger.Metadata { ["deployment": "\(deployment)"] }

    private func place(of window: MonitorWindow) -> Logger.Metadata {
        place.merging([
            "end": "\(window.end)", "figures": "\(window.figures.count)",
            "attempts": "\(window.attempts)",
        ]) { $1 }
    }
}
