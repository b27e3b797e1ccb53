import Foundation
import HTTPTypes
import MLOpsCore

// The calls about runs, except the search for them.
extension MLflowFace {
    func addRuns(to calls: MLflowCalls) {
        calls.write(.post, "runs/create") { fields, site in
            let experiment = try site.experiment(
                try fields.requiredText("experiment_id"), makesDefault: true)
            guard experiment.deletedAt == nil else {
                throw MLflowError.invalid(
                    "The experiment \(MLflowSite.wire(experiment.id)) must be in the 'active' "
                        + "state. Current state is deleted.")
            }
            let start = try fields.integer("start_time").map(Date.init(milliseconds:))
            var run = ExperimentRun(
                experiment: experiment.id, runName: "", status: .running, startedAt: start ?? .now)
            for (key, value) in try fields.pairs("tags") {
                try run.setMLflowTag(key, to: value, at: site)
            }
            if let name = try fields.text("run_name") { run.runName = name }
            if run.runName.isEmpty { run.runName = "run-\(run.id.description.suffix(8))" }
            if let user = try fields.text("user_id"), run.tags[MLflowTags.user] == nil {
                run.tags[MLflowTags.user] = user
            }
            return ["run": try site.answer(try site.tx.runs.insert(run))]
        }
        calls.read(.get, "runs/get") { fields, site in
            ["run": try site.answer(try site.run(try fields.runID()))]
        }
        calls.write(.post, "runs/update") { fields, site in
            var run = try site.liveRun(fields)
            // As in MLflow, a status that there is not changes nothing.
            if let status = try fields.text("status").flatMap(RunStatus.init(mlflow:)) {
                run.setStatus(status, at: try fields.integer("end_time"))
            }
            if let name = try fields.text("run_name") { run.runName = name }
            return ["run_info": try site.tx.runs.update(run).mlflowInfo]
        }
        calls.write(.post, "runs/delete") { fields, site in
            let run = try site.run(try fields.runID())
            if run.deletedAt == nil {
                // What it has logged outlives it.
                let models = try site.tx.runs.all {
                    $0.parentRunID == run.id && $0.kind == .loggedModel
                }
                for var model in models {
                    model.parentRunID = nil
                    model.mlflowExtras["source_run_id"] = .string(MLflowSite.wire(run.id))
                    try site.tx.runs.update(model)
                }
                try site.tx.runs.delete(run.id)
            }
            return [:]
        }
        calls.write(.post, "runs/restore") { fields, site in
            let run = try site.run(try fields.runID())
            if run.deletedAt != nil { try site.tx.runs.restore(run.id) }
            return [:]
        }
        calls.write(.post, "runs/set-tag") { fields, site in
            var run = try site.liveRun(fields)
            let key = try MLflowName.checked(try fields.requiredText("key"), "Tag")
            try run.setMLflowTag(key, to: try fields.anyText("value") ?? "", at: site)
            try site.tx.runs.update(run)
            return [:]
        }
        calls.write(.post, "runs/delete-tag") { fields, site in
            var run = try site.liveRun(fields)
            let key = try fields.requiredText("key")
            guard run.tags.removeValue(forKey: MLflowTags.stored(key)) != nil else {
                throw MLflowError.absent(
                    "No tag with name: \(key) in run with id \(MLflowSite.wire(run.id))")
            }
            try site.tx.runs.update(run)
            return [:]
        }
        addLogging(to: calls)
    }

    private func addLogging(to calls: MLflowCalls) {
        calls.write(.post, "runs/log-metric") { fields, site in
            let run = try site.liveRun(fields)
            let point = try MLflowPoint(fields)
            try site.append([point], to: run)
            if let id = point.modelID { try site.append([point], to: try site.loggedModel(id)) }
            return [:]
        }
        calls.write(.post, "runs/log-parameter") { fields, site in
            let run = try site.liveRun(fields)
            let (key, value) = (try fields.requiredText("key"), try fields.anyText("value") ?? "")
            try site.setParameters([(key, value)], tags: [], of: run)
            return [:]
        }
        calls.write(.post, "runs/log-batch") { fields, site in
            let batch = try MLflowBatch(fields)
            let run = try site.liveRun(fields)
            try site.setParameters(batch.parameters, tags: batch.tags, of: run)
            try site.append(batch.points, to: run)
            // A point that names a logged model is one of the model too.
            for (id, points) in Dictionary(grouping: batch.points, by: \.modelID) {
                if let id { try site.append(points, to: try site.loggedModel(id)) }
            }
            return [:]
        }
    }
}

extension ExperimentRun {
    /// Sets a status with the times that belong to it.
    fileprivate mutating func setStatus(_ new: RunStatus, at end: Int64?) {
        status = new
        guard new != .running, new != .queued else { return completedAt = nil }
        let end = end.map(Date.init(milliseconds:)) ?? completedAt ?? .now
        completedAt = max(end, startedAt ?? end)
        durationSeconds = startedAt.map { completedAt?.timeIntervalSince($0) ?? 0 }
    }
}

extension MLflowSite {
    /// Adds parameters and tags; a parameter keeps its first value.
    ///
    /// - Throws: `MLflowError` for a parameter that has another value.
    func setParameters(
        _ parameters: [(key: String, value: String)], tags: [(key: String, value: String)],
        of run: ExperimentRun
    ) throws {
        guard !parameters.isEmpty || !tags.isEmpty else { return }
        var run = run
        let before = run
        let known = run.flatParameters
        var members = run.parameters.object ?? [:]
        for (key, value) in parameters {
            if let old = known[key]?.mlflowText {
                guard old == value else {
                    throw MLflowError.invalid(
                        "Changing param values is not allowed. Param with key='\(key)' was already "
                            + "logged with value='\(old)' for run ID='\(Self.wire(run.id))'. "
                            + "Attempted logging new value '\(value)'.")
                }
            } else {
                members[try MLflowName.checked(key, "Param")] = .string(value)
            }
        }
        run.parameters = .object(members)
        for (key, value) in tags {
            try run.setMLflowTag(try MLflowName.checked(key, "Tag"), to: value, at: self)
        }
        if run != before { try tx.runs.update(run) }
    }

    /// Adds points; one equal in key, step, time and value to a stored one is stored once, since
    /// clients repeat a request whose answer they did not get.
    func append(_ points: [MLflowPoint], to run: ExperimentRun) throws {
        guard !points.isEmpty else { return }
        var batch = MetricBatch()
        var seen: Set<MLflowPoint> = []
        var stored: [MLflowPoint.Place: Set<MLflowPoint>] = [:]
        for point in points.sorted() where seen.insert(point).inserted {
            // Beyond the highest step there is nothing yet.
            if let summary = run.metrics[point.key], point.step <= summary.step {
                let known =
                    try stored[point.place]
                    ?? Set(
                        tx.metrics.history(
                            of: run.id, metric: point.key, in: point.step...point.step
                        ).map { MLflowPoint(point.key, $0) })
                stored[point.place] = known
                if known.contains(point) { continue }
            }
            batch.add(point.key, point.value, step: point.step, at: point.date)
        }
        if !batch.isEmpty { try tx.runs.append(batch, to: run.id) }
    }
}
