import Foundation
import Logging
import MLOpsCore
import ServiceLifecycle
import Synchronization

/// The windows of a monitor.
struct Timeline {
    /// When the open window began, since the monitor was made.
    var start = Duration.zero
    /// When the open drift window began.
    var driftStart = Duration.zero
    /// Windows that have ended and are not stored, oldest first.
    var pending: [MonitorWindow] = []
    /// Whether the oldest is being stored.
    var isWriting = false
    /// How many were given up.
    var lost = 0
}

extension DeploymentMonitor {
    /// Stores each window at its end, until the task is cancelled or shut down gracefully; then it
    /// stores the last one.
    ///
    /// - Throws: `CancellationError`.
    public func run() async throws {
        while true {
            let rest = timeline.withLock { $0.start } + length - elapsed()
            // Ends early at a shutdown.
            try? await cancelWhenGracefulShutdown { try await self.sleep(max(rest, .zero)) }
            guard !Task.isCancelled, !Task.isShuttingDownGracefully else { break }
            endWindow()
            _ = await writeInOrder()
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
        endWindow(withDrift: true)
        return await writeInOrder()
    }

    private var length: Duration { max(configuration.window, .seconds(1)) }

    private func endWindow(withDrift isForced: Bool = false) {
        let (lost, problem) = timeline.withLock { timeline in
            let (now, time) = (elapsed(), workspace.now)
            let figures = takeFigures(seconds: max((now - timeline.start) / .seconds(1), 1))
            timeline.start = now
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
                lost.append(timeline.pending.remove(at: timeline.isWriting ? 1 : 0))
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

    /// Stores the windows that have ended, after those who do so already.
    private func writeInOrder() async -> Bool {
        let task = writing.withLock { last in
            let next = Task { [previous = last] in
                _ = await previous?.value
                return await self.write()
            }
            last = next
            return next
        }
        return await task.value
    }

    private func write() async -> Bool {
        while let window = nextWindow() {
            do {
                try await workspace.write { try window.store(for: self.deployment, in: $0) }
                _ = timeline.withLock { $0.pending.removeFirst() }
                if window.attempts > 0 {
                    configuration.logger.notice(
                        "A window of a monitor is stored at last.", metadata: place(of: window))
                }
            } catch let error as StoreError where error.isOfContent {
                timeline.withLock {
                    $0.pending.removeFirst()
                    $0.lost += 1
                }
                tell(lost: window, "\(error)")
            } catch {
                timeline.withLock {
                    $0.pending[0].attempts += 1
                    $0.isWriting = false
                }
                configuration.logger.warning(
                    "A window of a monitor cannot be stored, and is kept.",
                    metadata: place(of: window).merging(["error": "\(error)"]) { $1 })
                return false
            }
        }
        return true
    }

    private func nextWindow() -> MonitorWindow? {
        timeline.withLock { timeline in
            timeline.isWriting = !timeline.pending.isEmpty
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

extension StoreError {
    /// Whether the rows are at fault, so that they would be refused again.
    fileprivate var isOfContent: Bool { code == .invalidValue || code == .checkViolation }
}
