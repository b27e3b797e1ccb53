public import Foundation
import Logging
import Synchronization

/// Logs one run.
///
/// It is `Sendable`. Its `log` calls are synchronous, never throw, and take about a microsecond, so
/// that a training loop can call them from any context.
///
/// Points are buffered in memory until a background write, at the latest after
/// ``TrackingOptions/flushInterval``. ``flush()`` and ``finish()`` return after the commit. A
/// process that is killed loses at most the points that were not flushed.
public final class RunLogger: Sendable {
    /// The run.
    public let id: Identifier<ExperimentRun>
    /// The experiment the run belongs to.
    public let experimentID: Identifier<Experiment>
    /// The workspace it is logged in.
    public let workspace: Workspace

    let options: TrackingOptions
    let writer: RunWriter
    let records: RecordWriter
    private let lastHeartbeat = Mutex(ContinuousClock.now)

    /// - Parameter logger: The logger for warnings of the store.
    init(
        _ run: ExperimentRun, workspace: Workspace, options: TrackingOptions, logger: Logger
    ) {
        id = run.id
        experimentID = run.experimentID
        self.workspace = workspace
        self.options = options
        var logger = logger
        logger[metadataKey: "run"] = "\(run.id)"
        writer = RunWriter(
            run.id, in: workspace, options: options, steps: run.metrics.mapValues(\.step),
            logger: logger)
        records = RecordWriter(run.id, in: workspace, options: options, logger: logger)
        workspace.store.lifecycle.openWork.add(self)
        OpenLoggers.add(self)
        if options.endsOnSignals { SignalHandling.start(closing: workspace.store) }
        if options.capturesCodeState, let diff = CodeState.known()?.diff {
            logSoon(diff, named: CodeState.diffName)
        }
        if let interval = options.systemMetrics {
            SystemMetrics.start(for: self, since: run.startedAt ?? run.createdAt, every: interval)
        }
    }

    deinit {
        // Without its logger the run cannot be ended otherwise. The logged points are written, and
        // the run does not stay `running`.
        guard !isEnded else { return }
        submitEnd(.failed, error: "The run's logger was dropped without an end.") {}
    }

    /// Writes the buffered points and ends the run, without a task.
    ///
    /// It needs no thread of the cooperative pool. `done` is called when the run has ended or could
    /// not be ended.
    func submitEnd(
        _ status: RunStatus, error: String? = nil, _ done: @escaping @Sendable () -> Void
    ) {
        let end = RunEnd(status: status, error: error, isFinal: true)
        records.setClosed(true)
        records.flush { [writer] _ in writer.end(end) { _ in done() } }
    }

    // MARK: Writing

    /// Returns when everything logged before the call is committed.
    ///
    /// Records, such as images, are written too.
    ///
    /// - Throws: `.conflict`, once, when another program has ended the run; its points are stored
    ///   all the same. `.alreadyExists`, once, when a record has the name of another kind.
    ///   The error of the write: the points are kept and written again later, unless
    ///   the library refuses them (`.notFound`, `.permissionDenied`, `.invalidValue`). Then they
    ///   are lost and counted in ``refusedPoints``, and the error is thrown once. If points and
    ///   records have one each, that of the records is thrown by the next call.
    public func flush() async throws {
        records.flush()
        let points = await result { writer.flush($0) }
        let recorded = await result { records.flush($0) }
        if case .failure(let first) = points {
            if case .failure(let second) = recorded { records.keep(second) }
            throw first
        }
        try recorded.get()
    }

    /// Waits for an answer that is given once.
    private func result(
        _ ask: (@escaping RecordWriter.Waiter) -> Void
    ) async -> Result<Void, any Error> {
        await withCheckedContinuation { continuation in ask { continuation.resume(returning: $0) } }
    }

    /// Copies a file or a directory into the artifact directory and records it in the run.
    ///
    /// See ``ArtifactStore/add(contentsOf:)`` for what is kept of a directory. The program gets it
    /// back with ``Workspace/exportArtifact(named:of:to:)``.
    ///
    /// - Parameters:
    ///   - file: The file or directory.
    ///   - name: The name in the run; its own name by default.
    /// - Throws: `.alreadyExists` when the name is that of a record or a dataset; `.inputOutput`
    ///   when something cannot be read or copied; `.diskFull`; `.invalidValue` for a device,
    ///   FIFO or socket, for a file of an open database, and for a link inside a directory.
    @discardableResult
    public func logArtifact(_ file: URL, named name: String? = nil) async throws -> Artifact {
        try await workspace.addArtifact(file, named: name ?? file.lastPathComponent, to: id)
    }

    // MARK: The end

    /// Whether this logger has ended the run, or found it ended.
    var isEnded: Bool { writer.isEnded }

    /// Writes the buffered points and ends the run as completed.
    ///
    /// - Throws: `.conflict` when the run has already ended; the error of the write (see
    ///   ``flush()``), after which the run is still open.
    @discardableResult
    public func finish() async throws -> ExperimentRun { try await end(.completed, error: nil) }

    /// Writes the buffered points and ends the run as failed, with the error's description.
    @discardableResult
    public func fail(_ error: any Error) async throws -> ExperimentRun {
        try await end(.failed, error: "\(error)")
    }

    /// Writes the buffered points and ends the run as cancelled.
    @discardableResult
    public func cancel() async throws -> ExperimentRun { try await end(.cancelled, error: nil) }

    private func end(_ status: RunStatus, error: String?) async throws -> ExperimentRun {
        records.setClosed(true)
        do {
            // The records first: what is named in the run when it ends is all there is.
            try await result { records.flush($0) }.get()
            // A continuation, so that a cancelled task can still end its run.
            return try await withCheckedThrowingContinuation { continuation in
                writer.end(RunEnd(status: status, error: error)) { continuation.resume(with: $0) }
            }
        } catch {
            if !isEnded { records.setClosed(false) }
            throw error
        }
    }

    // MARK: In the background

    /// The interval between calls of ``tick()``.
    var tickInterval: Duration { min(options.flushInterval, options.heartbeatInterval) }

    /// Flushes, and records a heartbeat when one is due.
    func tick() {
        writer.flush()
        records.flush()
        let isDue = lastHeartbeat.withLock { last in
            guard ContinuousClock.now - last >= options.heartbeatInterval else { return false }
            last = .now
            return true
        }
        if isDue { writer.heartbeat() }
    }
}

extension RunLogger: EndsWithStore {
    /// Writes the logged points and ends the run as failed, because no later call could end it.
    package func endWithStore() async {
        if isEnded { return }
        await withCheckedContinuation { continuation in
            submitEnd(.failed, error: "The store was closed before the run had ended.") {
                continuation.resume()
            }
        }
    }
}
