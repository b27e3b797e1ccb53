import Foundation
import MLOpsCore

/// Takes one row of an archive with what hangs below it, in one transaction.
struct ArchiveGroupImport: Sendable {
    let archive: VerifiedArchive
    let file: ArchiveLayout.RowFile
    let lines: Range<UInt64>
    let map: ArchiveMap
    let site: ImportTarget
    let meter: ProgressMeter

    /// What the transaction did, and the row here that one of the archive joins.
    struct Outcome: Sendable {
        var result = ImportOutcome()
        var joined: (from: String, to: String)?
    }

    /// - Parameter tx: `nil` if nothing exists and nothing is to be made.
    func perform(in tx: (any Transaction)?) throws -> Outcome {
        var outcome = Outcome()
        switch file {
        case .project, .people: break
        case .models: try takeModel(in: tx, &outcome)
        case .experiments: try takeExperiment(in: tx, &outcome)
        case .runs: try takeRun(in: tx, &outcome.result)
        case .versions: try takeVersion(in: tx, &outcome.result)
        case .deployments: try takeDeployment(in: tx, &outcome.result)
        case .alerts:
            try forEachLine { line in
                try take(line, Alert.self, \.alerts, in: tx, &outcome.result)
            }
        }
        return outcome
    }

    private func forEachLine(_ body: (ArchiveLine) throws -> Void) throws {
        try archive.forEachLine(of: file, in: lines, body)
    }

    private func row<Record>(_ line: ArchiveLine) throws -> Historical<Record> {
        try Historical(json: map.row(line.row))
    }

    /// Stores a row unless its id is there; returns whether it was.
    @discardableResult
    private func take<Record: Entity>(
        _ line: ArchiveLine, _ type: Record.Type,
        _ count: WritableKeyPath<ImportReport.Counts, Int>, in tx: (any Transaction)?,
        _ outcome: inout ImportOutcome
    ) throws -> Record? {
        let row: Historical<Record> = try row(line)
        if let tx, let found = try existing(row.record.id, in: tx) {
            outcome.present[keyPath: count] += 1
            return found
        }
        outcome.taken[keyPath: count] += 1
        if let tx, !site.isDryRun {
            try tx.repository(of: Record.self).insert(history: [row])
        }
        return nil
    }

    private func existing<Record: Entity>(
        _ id: Identifier<Record>, in tx: any Transaction
    ) throws -> Record? {
        try tx.repository(of: Record.self).page(
            Query(where: { $0.id == id }, limit: 1, deleted: .included)
        ).first
    }

    // MARK: Rows that others may join

    private func takeModel(in tx: (any Transaction)?, _ outcome: inout Outcome) throws {
        try forEachLine { line in
            let model: Model = try row(line).record
            let named =
                model.deletedAt == nil && !site.project.isUnassigned
                ? try tx?.models.named(model.name, in: site.project) : nil
            if let named, named.id != model.id, let tx, try existing(model.id, in: tx) == nil {
                outcome.result.present.models += 1
                outcome.result.notes.change(
                    "model", "its versions join the model of the same name", model.name)
                outcome.joined = (line.id, named.id.description)
                return
            }
            try take(line, Model.self, \.models, in: tx, &outcome.result)
        }
    }

    private func takeExperiment(in tx: (any Transaction)?, _ outcome: inout Outcome) throws {
        try forEachLine { line in
            let experiment: Experiment = try row(line).record
            let named =
                experiment.deletedAt == nil
                ? try tx?.experiments.named(experiment.name, in: site.project) : nil
            if let named, named.id != experiment.id, let tx,
                try existing(experiment.id, in: tx) == nil
            {
                outcome.result.present.experiments += 1
                outcome.result.notes.change(
                    "experiment", "its runs join the experiment of the same name", experiment.name)
                outcome.joined = (line.id, named.id.description)
                return
            }
            try take(line, Experiment.self, \.experiments, in: tx, &outcome.result)
        }
    }

    private func takeVersion(in tx: (any Transaction)?, _ outcome: inout ImportOutcome) throws {
        try forEachLine { line in
            try take(line, ModelVersion.self, \.modelVersions, in: tx, &outcome)
        }
    }

    // MARK: Runs

    private func takeRun(in tx: (any Transaction)?, _ outcome: inout ImportOutcome) throws {
        var sink: PointSink?
        var isLeft = false
        var id = Identifier<ExperimentRun>.unassigned
        try forEachLine { line in
            guard line.kind == .points else {
                let row: Historical<ExperimentRun> = try row(line)
                id = row.record.id
                if let found = try tx?.runs.page(.any(id)).first {
                    outcome.present.runs += 1
                    isLeft = note(found, beside: row.record, &outcome.notes)
                    sink = PointSink(
                        run: id, beside: found, tx: tx, isDryRun: site.isDryRun, limit: 1 << 16,
                        meter: meter)
                } else {
                    outcome.taken.runs += 1
                    if let tx, !site.isDryRun { try tx.runs.insert(history: [row]) }
                }
                return
            }
            let points = try ArchivePoints(json: line.row, of: file.rawValue)
            guard !isLeft else { return }
            if sink != nil {
                for point in points.points {
                    try sink?.add(
                        SourcePoint(
                            points.metric, point.value, step: point.step, at: point.timestamp))
                }
                return
            }
            // The run's row has the summaries already.
            outcome.taken.points += points.points.count
            meter.add(points: points.points.count)
            guard let tx, !site.isDryRun else { return }
            try tx.metrics.insert(history: points.rows(of: id))
        }
        try sink?.flush()
        outcome.taken.points += sink?.taken ?? 0
        outcome.present.points += sink?.present ?? 0
        if let sink { outcome.notes.add(sink.notes) }
    }

    /// Notes how a run that is there differs; returns whether it takes no points.
    private func note(
        _ found: ExperimentRun, beside run: ExperimentRun, _ notes: inout ImportNotes
    ) -> Bool {
        if found.deletedAt != nil {
            if run.deletedAt == nil {
                notes.leave("run", "it is deleted here; restore it first", run.runName)
            }
            return true
        }
        if run.deletedAt != nil {
            notes.leave("run", "it was deleted there, but is not here", run.runName)
        } else if run.status != found.status {
            notes.leave("run", "it has another state here, which stays", run.runName)
        }
        return false
    }

    // MARK: Deployments

    private func takeDeployment(
        in tx: (any Transaction)?, _ outcome: inout ImportOutcome
    ) throws {
        var pending: (kind: ArchiveLayout.Kind, lines: [ArchiveLine])?
        func flush() throws {
            guard let (kind, lines) = pending else { return }
            pending = nil
            switch kind {
            case .change: try take(lines, DeploymentHistoryEntry.self, \.changes, in: tx, &outcome)
            case .measurement:
                try take(lines, ModelMonitoring.self, \.measurements, in: tx, &outcome)
            default: try take(lines, DataDriftReport.self, \.driftReports, in: tx, &outcome)
            }
        }
        try forEachLine { line in
            if line.kind == .deployment {
                try take(line, Deployment.self, \.deployments, in: tx, &outcome)
                return
            }
            if pending?.kind != line.kind || pending?.lines.count == ArchiveLayout.batch {
                try flush()
                pending = (line.kind, [])
            }
            pending?.lines.append(line)
        }
        try flush()
    }

    /// Stores the rows whose ids are not there.
    private func take<Record: Entity>(
        _ lines: [ArchiveLine], _ type: Record.Type,
        _ count: WritableKeyPath<ImportReport.Counts, Int>, in tx: (any Transaction)?,
        _ outcome: inout ImportOutcome
    ) throws {
        var rows: [Historical<Record>] = try lines.map(row)
        if let tx {
            let ids = rows.map(\.record.id)
            let query = Query<Record>(
                where: { $0.id.isIn(ids) }, limit: ArchiveLayout.batch, deleted: .included)
            let present = Set(try tx.repository(of: Record.self).page(query).map(\.id))
            rows.removeAll { present.contains($0.record.id) }
            outcome.present[keyPath: count] += present.count
        }
        outcome.taken[keyPath: count] += rows.count
        guard let tx, !site.isDryRun, !rows.isEmpty else { return }
        try tx.repository(of: Record.self).insert(history: rows)
    }
}

extension ArchiveLine {
    /// The id that the row has in the archive.
    fileprivate var id: String { row["id"]?.string ?? "" }
}

extension ArchivePoints {
    /// The points as rows of a run.
    fileprivate func rows(of run: Identifier<ExperimentRun>) -> [Historical<RunMetric>] {
        points.map { point in
            Historical(
                RunMetric(
                    run: run, metricName: metric, value: point.value, step: point.step,
                    timestamp: point.timestamp))
        }
    }
}
