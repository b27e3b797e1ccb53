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
    private let writer: RunWriter
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
        writer = RunWriter(run.id, in: workspace, options: options, logger: logger)
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

    // MARK: Logging

    /// Logs one value of a metric.
    ///
    /// NaN and infinities are kept.
    ///
    /// When the buffer is full, ``TrackingOptions/whenFull`` decides whether the call waits or
    /// drops the point. After the end of the run the point is refused, counted in
    /// ``refusedPoints``, and a warning is logged once. The same applies to a point whose name is
    /// empty, contains NUL, or is longer than `String.maximumNameBytes`.
    public func log(_ metric: String, _ value: Double, step: Int) {
        let now = workspace.store.clock()
        writer.append(1) {
            $0.addIfStorable(metric, value, step: Int64(step), at: now) ? 0 : 1
        }
    }

    /// Logs several metrics under one step and one time.
    public func log(_ values: KeyValuePairs<String, Double>, step: Int) {
        log(all: values, step: step)
    }

    /// Logs several metrics under one step and one time.
    public func log(_ values: [String: Double], step: Int) {
        log(all: values, step: step)
    }

    private func log(all values: some Collection<(key: String, value: Double)>, step: Int) {
        let now = workspace.store.clock()
        writer.append(values.count) { batch in
            var refused = 0
            for (metric, value) in values
            where !batch.addIfStorable(metric, value, step: Int64(step), at: now) { refused += 1 }
            return refused
        }
    }

    /// Logs metrics, unless the run is about to end or the buffer is full.
    func logIfOpen(_ values: [(name: String, value: Double)], step: Int, at time: Date) {
        writer.appendIfOpen(values.count) { batch in
            values.count { !batch.addIfStorable($0.name, $0.value, step: Int64(step), at: time) }
        }
    }

    /// The number of points that were refused.
    ///
    /// A point is refused when it is logged after the end of the run, or with a name or a time that
    /// cannot be stored. The points of a batch are refused when the store will never accept it: the
    /// run is deleted, the permission is missing, or the run's summary is too large for its column.
    public var refusedPoints: Int { writer.lost.refused }

    /// The number of points that were dropped because the buffer was full.
    public var droppedPoints: Int { writer.lost.dropped }

    /// Returns when everything logged before the call is committed.
    ///
    /// Records, such as images, are written too.
    ///
    /// - Throws: `.conflict`, once, when another program has ended the run; its points are stored
    ///   all the same. `.alreadyExists`, once, when a record has the name of another kind.
    ///   The error of the write: the points are kept and written again later, unless
    ///   the library refuses them (`.notFound`, `.permissionDenied`, `.invalidValue`). Then they
    ///   are lost and counted in ``refusedPoints``, and the error is thrown once.
    public func flush() async throws {
        records.flush()
        let points = await result { writer.flush($0) }
        let recorded = await result { records.flush($0) }
        try points.get()
        try recorded.get()
    }

    /// Waits for an answer that is given once.
    private func result(
        _ ask: (@escaping RecordWriter.Waiter) -> Void
    ) async -> Result<Void, any Error> {
        await withCheckedContinuation { continuation in ask { continuation.resume(returning: $0) } }
    }

    /// Sets tags by name; other tags stay.
    public func setTags(_ tags: [String: String]) async throws {
        try await workspace.write { [id] tx in
            var run = try tx.runs.find(id)
            run.tags.merge(tags) { $1 }
            try tx.runs.update(run)
        }
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
        let (artifacts, name) = (workspace.store.artifacts, name ?? file.lastPathComponent)
        let artifact = try await offTheCooperativePool { try artifacts.add(contentsOf: file) }
        try await workspace.write { [id] in try $0.runs.logged.record(artifact, named: name, in: id)
        }
        return artifact
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
