public import Foundation
import Logging
import Synchronization

/// Logs one run.
///
/// It is `Sendable`; its `log` calls are synchronous, never throw, and take about a microsecond, so
/// that a training loop can make them from wherever it is.
///
/// Points wait in memory until a background write takes them, at the latest after
/// ``TrackingOptions/flushInterval``; ``flush()`` and ``finish()`` return after the commit. A
/// process that is killed loses at most the points that were not flushed.
public final class RunLogger: Sendable {
    /// The run.
    public let id: Identifier<ExperimentRun>
    /// The experiment the run belongs to.
    public let experimentID: Identifier<Experiment>
    /// The workspace it is logged in.
    public let workspace: Workspace

    let options: TrackingOptions
    private let buffer: MetricBuffer
    private let hasEnded = Mutex(false)
    private let lastWrite = Mutex(ContinuousClock.now)

    init(_ run: ExperimentRun, workspace: Workspace, options: TrackingOptions) {
        id = run.id
        experimentID = run.experimentID
        self.workspace = workspace
        self.options = options
        var logger = Logger(label: "mlops.tracking")
        logger[metadataKey: "run"] = "\(run.id)"
        let (store, access, id) = (workspace.store, workspace.access, run.id)
        buffer = MetricBuffer(options: options, logger: logger) { batch, last, done in
            store.submit(as: access) { tx in
                if let last, try last(tx, batch) { return }
                try tx.runs.record(batch, in: id)
            } completion: {
                done($0)
            }
        }
        OpenLoggers.add(self)
        if options.endsOnSignals { SignalHandling.start() }
    }

    deinit {
        // Nobody can end the run any more; what was logged is kept, and the run is not left to look
        // as if it were still under way.
        guard !hasEnded.withLock({ $0 }) else { return }
        submitEnd(.failed, error: "The run's logger was dropped without an end.") {}
    }

    /// Writes what waits and ends the run without a task, so that it needs no thread of the
    /// cooperative pool; calls back when it has ended, or could not be.
    func submitEnd(
        _ status: RunStatus, error: String? = nil, _ done: @escaping @Sendable () -> Void
    ) {
        buffer.close()
        let (store, access, id) = (workspace.store, workspace.access, id)
        buffer.flush { _ in
            store.submit(as: access) { tx in
                _ = try tx.runs.end(id, as: status, error: error)
            } completion: { _ in
                done()
            }
        }
    }

    // MARK: Logging

    /// Logs one value of a metric.
    ///
    /// NaN and infinities are kept.
    ///
    /// When the buffer is full it waits or drops, as ``TrackingOptions/whenFull`` says. After the
    /// end of the run the point is refused, counted in ``refusedPoints``, and warned of once; so is
    /// a point whose name is empty, holds NUL, or is over 1 MiB.
    public func log(_ metric: String, _ value: Double, step: Int) {
        let now = workspace.store.clock()
        buffer.append(count: 1) {
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
        buffer.append(count: values.count) { batch in
            var refused = 0
            for (metric, value) in values
            where !batch.addIfStorable(metric, value, step: Int64(step), at: now) { refused += 1 }
            return refused
        }
    }

    /// How many points were refused: logged after the end of the run, under a name or at a time
    /// that no store takes, or in a batch that the store refused for good, as it does when the run
    /// is deleted, the permission is gone, or the run's summary outgrows its column.
    public var refusedPoints: Int { buffer.lost.refused }

    /// How many points were dropped because the buffer was full.
    public var droppedPoints: Int { buffer.lost.dropped }

    /// Returns when everything logged before the call is committed.
    ///
    /// - Throws: what the write threw. The points are kept and written again later, unless the
    ///   store has refused them for good (`.notFound`, `.permissionDenied`, `.invalidValue`,
    ///   `.checkViolation`, `.foreignKeyViolation`): then they are gone, counted in
    ///   ``refusedPoints``, and the error is thrown once.
    public func flush() async throws { try await flush(nil) }

    private func flush(_ last: MetricBuffer.Last?) async throws {
        try await withCheckedThrowingContinuation { continuation in
            buffer.flush({ continuation.resume(with: $0) }, with: last)
        }
    }

    /// Sets tags; those of other names stay.
    public func setTags(_ tags: [String: String]) async throws {
        try await workspace.write { [id] tx in
            var run = try tx.runs.find(id)
            run.tags.merge(tags) { $1 }
            try tx.runs.update(run)
        }
    }

    /// Copies a file into the artifact directory and records it in the run.
    ///
    /// - Parameter name: The name in the run; the file's own when it is left out.
    /// - Throws: `.inputOutput` when the file cannot be read or kept.
    @discardableResult
    public func logArtifact(_ file: URL, named name: String? = nil) async throws -> Artifact {
        let (artifacts, name) = (workspace.store.artifacts, name ?? file.lastPathComponent)
        let artifact = try await offTheCooperativePool { try artifacts.add(contentsOf: file) }
        try await workspace.write { [id] in try $0.runs.record(artifact, named: name, in: id) }
        return artifact
    }

    // MARK: The end

    /// Whether this logger has ended the run, or found it ended.
    var isEnded: Bool { hasEnded.withLock { $0 } }

    /// Writes what waits and ends the run as completed.
    ///
    /// - Throws: `.conflict` when the run has ended already; what the write threw (see
    ///   ``flush()``), and then the run goes on.
    @discardableResult
    public func finish() async throws -> ExperimentRun { try await end(.completed, error: nil) }

    /// Writes what waits and ends the run as failed, with the error's description.
    @discardableResult
    public func fail(_ error: any Error) async throws -> ExperimentRun {
        try await end(.failed, error: "\(error)")
    }

    /// Writes what waits and ends the run as cancelled.
    @discardableResult
    public func cancel() async throws -> ExperimentRun { try await end(.cancelled, error: nil) }

    private func end(_ status: RunStatus, error: String?) async throws -> ExperimentRun {
        buffer.close()
        do {
            let run = try await settle(status, error)
            hasEnded.withLock { $0 = true }
            return run
        } catch {
            if (error as? StoreError)?.code == .conflict {
                hasEnded.withLock { $0 = true }
            } else {
                buffer.reopen()
            }
            throw error
        }
    }

    /// Writes what waits and the end, in one transaction as a rule; where the connection was lost
    /// during a commit, it looks whether that was done.
    private func settle(_ status: RunStatus, _ error: String?) async throws -> ExperimentRun {
        let end: @Sendable (any Transaction, MetricBatch) throws -> ExperimentRun = { [id] in
            try $0.runs.end(id, as: status, error: error, with: $1)
        }
        let ended = Ended()
        var mayHaveEnded = false
        do {
            do {
                try await flush { tx, batch in
                    do {
                        let run = try end(tx, batch)
                        ended.result.withLock { $0 = .success(run) }
                        return true
                    } catch let failure as StoreError where failure.code == .serializationFailure {
                        // The transaction is run again.
                        throw failure
                    } catch {
                        // A run that cannot be ended keeps its points all the same.
                        ended.result.withLock { $0 = .failure(error) }
                        return false
                    }
                }
                if let result = ended.result.withLock({ $0 }) { return try result.get() }
            } catch let failure as StoreError where failure.code == .commitUnknown {
                mayHaveEnded = ended.result.withLock { (try? $0?.get()) != nil }
                try await flush()
            }
        } catch let failure as StoreError
            where status != .completed && failure.code.refusesForGood
        {
            // The points are gone, whatever becomes of the run.
        }
        // A cancelled task may still end its run: a task of its own is not cancelled.
        return try await Task { [workspace, id, mayHaveEnded] in
            var mayHaveEnded = mayHaveEnded
            do {
                do {
                    return try await workspace.write { try end($0, MetricBatch()) }
                } catch let failure as StoreError where failure.code == .commitUnknown {
                    mayHaveEnded = true
                    // It waits for a commit that is still under way, and is refused after one.
                    return try await workspace.write { try end($0, MetricBatch()) }
                }
            } catch let refusal as StoreError where refusal.code == .conflict && mayHaveEnded {
                let run = try await workspace.runs.find(id)
                guard run.status == status else { throw refusal }
                return run
            }
        }.value
    }

    /// What became of the end that went with the last points.
    private final class Ended: Sendable {
        let result = Mutex<Result<ExperimentRun, any Error>?>(nil)
    }

    // MARK: In the background

    /// How often ``tick()`` is called.
    var tickInterval: Duration { min(options.flushInterval, options.heartbeatInterval) }

    /// Flushes, and gives a sign of life when one is due.
    func tick() {
        buffer.flush()
        let isDue = lastWrite.withLock { last in
            guard ContinuousClock.now - last >= options.heartbeatInterval else { return false }
            last = .now
            return true
        }
        guard isDue else { return }
        workspace.store.submit(
            as: workspace.access, { [id] tx in try tx.runs.record(MetricBatch(), in: id) },
            completion: { _ in })
    }
}

extension Duration {
    /// Seconds, with a fraction.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

/// Runs blocking work on a thread that no task waits for.
///
/// A serial queue of its own, because the global queues have no more threads than the machine has
/// cores, and a program may block those.
func offTheCooperativePool<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "mlops.work").async {
            continuation.resume(with: Result { try body() })
        }
    }
}
