import Foundation

extension SQLRepository: LoggedRunRepository where Record == ExperimentRun {
    func append(_ batch: MetricBatch, to run: Identifier<ExperimentRun>) throws {
        try transaction.checkWritable()
        let found = try find(run, to: .write)
        try transaction.savepoint {
            guard let run = try storing(batch, in: found) else { return }
            try setManaged(Self.tracked(run), for: run.id)
        }
    }

    /// Stores points; returns the run with its new summaries, or `nil` if they were stored before.
    private func storing(_ batch: MetricBatch, in run: ExperimentRun) throws -> ExperimentRun? {
        try transaction.allow(.write, on: RunMetric.self)
        if batch.mayBeStored, let first = batch.firstID, try isStored(first) { return nil }
        if !batch.isEmpty { try insert(batch, for: run) }
        try noteMetrics(batch, of: run)
        var run = run
        for (name, summary) in batch.summaries {
            if run.metrics[name]?.merge(summary) == nil { run.metrics[name] = summary }
        }
        run.heartbeatAt = transaction.now
        return run
    }

    /// The columns of a run that points change: the summaries and the heartbeat.
    private static func tracked(_ run: ExperimentRun) -> Fragment {
        let summaries = StoredDocument(
            run.metrics.json.namingKeys(), maximumBytes: ExperimentRun.columns.metrics.maximumBytes)
        return """
            metrics = \(stored: .json(summaries)), heartbeat_at = \(run.heartbeatAt)
            """
    }

    private func isStored(_ point: Identifier<RunMetric>) throws -> Bool {
        let metrics = SQLRepository<RunMetric>(transaction)
        return try transaction.integer(
            "SELECT count(*) FROM run_metrics WHERE \(metrics.row(point))") == 1
    }

    private func insert(_ batch: MetricBatch, for run: ExperimentRun) throws {
        guard !batch.points.contains(where: { $0.microseconds == .max }) else {
            throw StoreError(.invalidValue, "A time lies outside the years 1 to 9999.")
        }
        let organization = StoredValue.uuid(run.organizationID.uuid)
        let id = StoredValue.uuid(run.id.uuid)
        let names = try batch.names.map { try $0.storedValue() }
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
            row.values.append(.time(point.microseconds))
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
    private func setManaged(_ assignments: Fragment, for run: Identifier<ExperimentRun>) throws {
        try transaction.execute("UPDATE experiment_runs SET \(assignments) WHERE \(row(run))")
    }

    func record(
        _ artifact: Artifact, named name: String, in run: Identifier<ExperimentRun>
    ) throws {
        try transaction.checkWritable()
        let stored = try find(run, to: .write)
        var artifacts = stored.artifacts
        artifacts[name] = artifact
        let document = JSONValue.object(artifacts.mapValues(\.json))
        try setManaged("artifacts = \(document)", for: run)
        try note("update", stored, ["changes": ["artifacts": ["after": [name: artifact.json]]]])
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
        try transaction.checkWritable()
        let found = try find(run, to: .write)
        guard found.status == .running || found.status == .queued else {
            throw StoreError(
                .conflict, "The run \(run) has ended already, as \(found.status.rawValue).",
                entity: ExperimentRun.entityName, field: "status")
        }
        let start = found.startedAt ?? transaction.now
        // If the clock was set back, the run ends at its start: an earlier end would be refused.
        let end = max(start, transaction.now)
        let ending: Fragment = """
            status = \(status), error_message = \(error?.asErrorMessage), started_at = \(start), \
            completed_at = \(end), duration_seconds = \(end.timeIntervalSince(start))
            """
        if batch.isEmpty { return try set(ending, of: found, as: "end") }
        return try transaction.savepoint {
            guard let run = try storing(batch, in: found) else {
                return try set(ending, of: found, as: "end")
            }
            return try set("\(ending), \(Self.tracked(run))", of: run, as: "end")
        }
    }

    func resume(
        _ run: Identifier<ExperimentRun>, environment: JSONValue
    ) throws -> ExperimentRun {
        let stored = try find(run, to: .write)
        return try set(
            """
            status = \(RunStatus.running), error_message = \(String?.none), \
            started_at = \(stored.startedAt ?? transaction.now), completed_at = \(Date?.none), \
            duration_seconds = \(Double?.none), heartbeat_at = \(transaction.now), \
            environment = \(environment)
            """, of: stored, as: "resume")
    }
}

extension String {
    /// The bytes of an error message that are kept from its beginning, and from its end.
    private static let (errorHead, errorTail) = (49_152, 16_384)

    /// The text as the message of an ended run: whatever it holds, it must not keep the run open.
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
