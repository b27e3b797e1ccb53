import Foundation

extension SQLRepository: LoggedRunRepository where Record == ExperimentRun {
    func append(_ batch: MetricBatch, to run: Identifier<ExperimentRun>) throws {
        _ = try log(batch, in: run)
    }

    func log(_ batch: MetricBatch, in run: Identifier<ExperimentRun>) throws -> RunStatus {
        try transaction.checkWritable()
        let found = try find(run, to: .write)
        try transaction.savepoint {
            guard let run = try storing(batch, in: found) else { return }
            try setManaged(Self.tracked(run), for: run)
        }
        return found.status
    }

    func append(
        history batch: MetricBatch, artifacts: [String: Artifact],
        to id: Identifier<ExperimentRun>
    ) throws {
        guard transaction.access.isTrusted else {
            throw StoreError(
                .permissionDenied,
                "Points of the past are stored under `store.withSystemAccess(reason:)`.",
                entity: ExperimentRun.entityName)
        }
        try transaction.checkWritable()
        var run = try find(id, to: .write, onlyLive: false)
        try transaction.savepoint {
            if !batch.isEmpty {
                try insert(batch, for: run)
                try noteMetrics(batch, of: run)
                run.add(batch.summaries)
                try setManaged(Self.summaries(run.metrics), for: run)
            }
            let changes = artifacts.sorted { $0.key < $1.key }
                .map { RecordChange(name: $0.key, content: .artifact($0.value)) }
            let outcome = try record(changes, into: run)
            if let name = outcome.conflicts.first { throw StoreError.recordConflict(name) }
            if let name = outcome.stale.first {
                throw StoreError(
                    .conflict,
                    "The record \"\(name)\" of the run has other items than those that were added "
                        + "to; read it again.", entity: "artifact", field: "segments")
            }
        }
    }

    /// Stores points; returns the run with its new summaries, or `nil` if they were stored before.
    private func storing(_ batch: MetricBatch, in run: ExperimentRun) throws -> ExperimentRun? {
        try transaction.allow(.write, on: RunMetric.self)
        if batch.mayBeStored, let first = batch.firstID, try isStored(first, of: run) { return nil }
        if !batch.isEmpty {
            try insert(batch, for: run)
            try ModelVersion.noteAuthor(ofFiguresOf: run, in: transaction)
        }
        try noteMetrics(batch, of: run)
        var run = run
        run.add(batch.summaries)
        run.durationSeconds = run.timeWorked(until: transaction.now)
        run.heartbeatAt = transaction.now
        return run
    }

    /// The columns of a run that points change: the summaries, the duration and the heartbeat.
    private static func tracked(_ run: ExperimentRun) -> Fragment {
        """
        \(summaries(run.metrics)), duration_seconds = \(run.durationSeconds), \
        heartbeat_at = \(run.heartbeatAt)
        """
    }

    private static func summaries(_ metrics: [String: MetricSummary]) -> Fragment {
        let document = StoredDocument(
            metrics.json.namingKeys(), maximumBytes: ExperimentRun.columns.metrics.maximumBytes)
        return "metrics = \(stored: .json(document))"
    }

    private func isStored(
        _ point: Identifier<RunMetric>, of run: ExperimentRun
    ) throws -> Bool {
        let metrics = SQLRepository<RunMetric>(inside(run).transaction)
        return try transaction.integer(
            "SELECT count(*) FROM run_metrics WHERE \(metrics.row(point))") == 1
    }

    private func insert(_ batch: MetricBatch, for run: ExperimentRun) throws {
        guard !batch.points.contains(where: { $0.microseconds == .max }) else {
            throw StoreError(.invalidValue, "A time lies outside the years 1 to 9999.")
        }
        guard !batch.names.contains("") else {
            throw StoreError(
                .invalidValue, "A metric needs a name.", entity: RunMetric.entityName,
                field: "metric_name")
        }
        let now = try transaction.now.storedValue()
        let organization = StoredValue.uuid(run.organizationID.uuid)
        let id = StoredValue.uuid(run.id.uuid)
        let names = try batch.names.map {
            try $0.storedName(of: RunMetric.entityName, field: "metric_name")
        }
        try transaction.insertRows(
            into: RunMetric.table, of: run.organizationID, count: batch.count
        ) { index, row in
            let point = batch.points[index]
            let kept = index == 0 ? batch.firstID?.uuid : nil
            row.values.append(.uuid(kept ?? UUIDv7.next()))
            row.values.append(organization)
            row.values.append(id)
            row.values.append(names[point.name])
            row.values.append(.real(point.value))
            row.values.append(.integer(point.step))
            let isTimed = point.microseconds != MetricBatch.whenStored
            row.values.append(isTimed ? .time(point.microseconds) : now)
        }
    }

    /// Records one audit entry for a batch; none for a heartbeat, which has no points.
    private func noteMetrics(_ batch: MetricBatch, of run: ExperimentRun) throws {
        guard !batch.isEmpty else { return }
        try transaction.note(
            "create", RunMetric.self, nil, in: run.organizationID,
            ["count": .int(Int64(batch.count)), "run_id": [.string(run.id.description)]])
    }

    /// Writes columns that the library maintains, without a new revision.
    func setManaged(_ assignments: Fragment, for run: ExperimentRun) throws {
        try transaction.execute("UPDATE experiment_runs SET \(assignments) WHERE \(row(run))")
    }

    func end(
        _ run: Identifier<ExperimentRun>, as status: RunStatus, error: String?,
        with batch: MetricBatch
    ) throws -> ExperimentRun {
        guard [.completed, .failed, .cancelled].contains(status) else {
            throw StoreError(
                .invalidValue, "A run does not end as \(status.rawValue).",
                entity: ExperimentRun.entityName, field: "status")
        }
        let found = try findUnended(run)
        let ending = Self.ending(of: found, as: status, error: error, at: transaction.now)
        let duration: Fragment =
            "duration_seconds = \(found.timeWorked(until: transaction.now) ?? 0)"
        if batch.isEmpty { return try end(found, "\(ending), \(duration)") }
        return try transaction.savepoint {
            guard var run = try storing(batch, in: found) else {
                return try end(found, "\(ending), \(duration)")
            }
            run.durationSeconds = run.durationSeconds ?? 0
            let tracked = Self.tracked(run)
            // So that the trail shows the change.
            run.durationSeconds = found.durationSeconds
            return try end(run, "\(ending), \(tracked)")
        }
    }

    private func end(_ run: ExperimentRun, _ assignments: Fragment) throws -> ExperimentRun {
        let ended = try set(assignments, of: run, as: "end")
        try AlertEvents(transaction: inside(ended).transaction).ended(ended)
        return ended
    }

    func endAbandoned(
        _ run: Identifier<ExperimentRun>, error: String
    ) throws -> ExperimentRun {
        let found = try findUnended(run)
        let end = found.heartbeatAt ?? found.startedAt ?? found.createdAt
        let ending = Self.ending(of: found, as: .failed, error: error, at: end)
        return try self.end(
            found, "\(ending), duration_seconds = \(found.durationSeconds ?? 0)")
    }

    private func findUnended(_ run: Identifier<ExperimentRun>) throws -> ExperimentRun {
        try transaction.checkWritable()
        let found = try find(run, to: .write)
        guard found.status == .running || found.status == .queued else {
            throw StoreError(
                .conflict, "The run \(run) has ended already, as \(found.status.rawValue).",
                entity: ExperimentRun.entityName, field: "status")
        }
        return found
    }

    private static func ending(
        of run: ExperimentRun, as status: RunStatus, error: String?, at end: Date
    ) -> Fragment {
        let start = run.startedAt ?? end
        // If the clock was set back, the run ends at its start: an earlier end would be refused.
        return """
            status = \(status), error_message = \(error?.asErrorMessage), started_at = \(start), \
            completed_at = \(max(start, end))
            """
    }

    func resume(
        _ run: Identifier<ExperimentRun>, fromStep step: Int64?, environment: JSONValue
    ) throws -> ExperimentRun {
        try transaction.checkWritable()
        let stored = try find(run, to: .write)
        return try transaction.savepoint {
            // A large document, written only if it may change.
            let metrics: Fragment =
                try step.map { "\(Self.summaries(try removePoints(of: stored, from: $0))), " } ?? ""
            let resumed = try set(
                """
                status = \(RunStatus.running), error_message = \(String?.none), \
                started_at = \(stored.startedAt ?? transaction.now), \
                completed_at = \(Date?.none), heartbeat_at = \(transaction.now), \
                \(metrics)environment = \(environment)
                """, of: stored, as: "resume")
            try openExperiment(of: resumed)
            return resumed
        }
    }

    /// Removes the points of a run from a step on.
    ///
    /// - Returns: The summaries of the points that remain.
    private func removePoints(
        of run: ExperimentRun, from step: Int64
    ) throws -> [String: MetricSummary] {
        try transaction.allow(.write, on: RunMetric.self)
        // Of seven characters: PostgreSQL's `substr` takes no bound length, which is a bigint.
        let prefix = SystemMetricName.prefix
        let count = try transaction.execute(
            """
            DELETE FROM run_metrics WHERE run_id = \(run.id) AND step >= \(step) \
            AND organization_id = \(run.organizationID) \
            AND substr(metric_name, 1, 7) <> \(prefix)
            """)
        guard count > 0 else { return run.metrics }
        try ModelVersion.noteAuthor(ofFiguresOf: run, in: transaction)
        try transaction.note(
            "delete", RunMetric.self, nil, in: run.organizationID,
            [
                "count": .int(Int64(count)), "run_id": [.string(run.id.description)],
                "from_step": .int(step),
            ])
        var metrics = run.metrics
        for (name, summary) in run.metrics
        where summary.step >= step && !name.hasPrefix(prefix) {
            metrics[name] = try storedSummary(of: name, in: run)
        }
        return metrics
    }

    /// The summary of the stored points of a metric; `nil` when there are none.
    private func storedSummary(
        of metric: String, in run: ExperimentRun
    ) throws -> MetricSummary? {
        var summary: MetricSummary?
        let points = inside(run).transaction.metrics
        try points.forEachPoint(of: run.id, metric: metric) { point in
            if summary?.add(point.value, step: point.step) == nil {
                summary = MetricSummary(point.value, step: point.step)
            }
            return true
        }
        return summary
    }

    /// Marks a draft experiment as running, because a run of it has started.
    ///
    /// An experiment that was closed stays closed: that is a person's statement.
    func openExperiment(of run: ExperimentRun) throws {
        guard run.status == .running else { return }
        let experiments = SQLRepository<Experiment>(inside(run).transaction)
        let opened = try transaction.rows(
            """
            UPDATE experiments SET status = \(ExperimentStatus.running), \
            started_at = COALESCE(started_at, \(transaction.now)), \
            updated_at = \(transaction.now), revision = revision + 1 \
            WHERE \(experiments.row(run.experimentID)) \
            AND status = \(ExperimentStatus.draft) AND completed_at IS NULL \
            RETURNING \(raw: Experiment.table.selectList)
            """, Experiment.init(from:)
        ).first
        guard let opened else { return }
        let (draft, running) = (ExperimentStatus.draft.rawValue, opened.status.rawValue)
        try experiments.note(
            "start", opened,
            ["changes": ["status": ["before": .string(draft), "after": .string(running)]]])
    }
}

extension ExperimentRun {
    /// Merges the summaries of points that were logged after all others.
    fileprivate mutating func add(_ summaries: [String: MetricSummary]) {
        for (name, summary) in summaries {
            if metrics[name]?.merge(summary) == nil { metrics[name] = summary }
        }
    }

    /// The seconds that the run has worked: those before its last heartbeat, and since then.
    ///
    /// The time between its last heartbeat and a resumption does not count.
    fileprivate func timeWorked(until now: Date) -> Double? {
        guard status == .running else { return durationSeconds }
        let last = heartbeatAt ?? startedAt ?? now
        let seconds = (durationSeconds ?? 0) + max(0, now.timeIntervalSince(last))
        return (seconds * 1_000_000).rounded() / 1_000_000
    }
}

extension String {
    /// The bytes of an error message that are kept from its beginning, and from its end.
    private static let (errorHead, errorTail) = (49_152, 16_384)

    /// The text as the message of an ended run or change: whatever it holds, it must not keep the
    /// run or the change open.
    ///
    /// NUL becomes U+FFFD, and the middle of a text of more than 64 KiB is left out.
    var asErrorMessage: String {
        let text = replacing("\0", with: "\u{FFFD}")
        let (head, tail) = (Self.errorHead, Self.errorTail)
        guard text.utf8.count > head + tail else { return text }
        let first = text[..<text.scalar(at: text.utf8.index(text.startIndex, offsetBy: head))]
        let last = text[text.scalar(at: text.utf8.index(text.endIndex, offsetBy: -tail))...]
        let missing = text.utf8.count - first.utf8.count - last.utf8.count
        return "\(first)\n[\(missing) bytes left out]\n\(last)"
    }

    /// The beginning of the Unicode scalar that a byte belongs to.
    private func scalar(at byte: Index) -> Index {
        var index = byte
        while index.samePosition(in: unicodeScalars) == nil { index = utf8.index(before: index) }
        return index
    }
}
