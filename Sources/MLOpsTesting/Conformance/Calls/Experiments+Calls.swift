import MLOpsCore

extension Call {
    static let ofExperiments = experiments + runs + metrics

    private static let experiments = calls(
        of: Experiment.self, insert: .contributors, read: .readers, update: .contributors,
        delete: .contributors, purge: .owners,
        trail: Trail(
            entity: "experiment", created: "config model_id name project_id started_at status tags",
            deleted: "experiment_runs experiments", restored: "experiments"),
        own: [
            Call(
                "insert with a model", .contributors,
                entries: [
                    """
                    experiment.create of other: changes config model_id name project_id started_at \
                    status tags
                    """
                ]
            ) {
                try $0.experiments.insert(
                    Fixtures.experiment(9, in: $1.own.project.id, model: $1.model.id))
            },
            Call("named", .readers) {
                try $0.experiments.named($1.experiment.name, in: $1.project.id)
            },
            Call(
                "findOrCreate", .contributors,
                entries: [
                    """
                    experiment.create of new: changes config model_id name project_id started_at \
                    status tags
                    """
                ]
            ) { try $0.experiments.findOrCreate($1.new(Experiment.self)) },
            Call("of(project:)", .readers) { try $0.experiments.of(project: $1.project.id) },
        ])

    private static let runs = calls(
        of: ExperimentRun.self, insert: .contributors, read: .readers, update: .contributors,
        delete: .contributors, purge: .owners,
        trail: Trail(
            entity: "experiment_run",
            created: """
                artifacts completed_at duration_seconds environment experiment_id kind \
                metrics parameters parent_run_id run_name started_at status tags
                """,
            deleted: "experiment_runs", restored: "experiment_runs"),
        own: [
            Call(
                "insert with a parent run", .contributors,
                entries: [
                    """
                    experiment_run.create of other: changes artifacts completed_at \
                    duration_seconds environment experiment_id kind metrics parameters \
                    parent_run_id run_name started_at status tags
                    """
                ]
            ) {
                try $0.runs.insert(
                    Fixtures.run(9, of: $1.own.experiment.id, parent: $1.run.id))
            },
            Call(
                "update with a parent run", .contributors,
                entries: ["experiment_run.update of other: changes"]
            ) { tx, site in
                var run = site.ownChild
                run.parentRunID = site.run.id
                return try tx.runs.update(run)
            },
            Call("of(experiment:)", .readers) { try $0.runs.of(experiment: $1.experiment.id) },
            Call("children", .readers) { try $0.runs.children(of: $1.run.id) },
            Call("ancestors", .readers) { try $0.runs.ancestors(of: $1.child.id) },
            Call("ranked", .readers) { try $0.runs.ranked(by: "accuracy", in: $1.experiment.id) },
            Call("versions", .readers) { try $0.runs.versions(from: $1.run.id) },
            Call("running", .readers, exempt: .takesNoKey) { tx, site in
                try tx.runs.running().filter { $0.experimentID == site.experiment.id }
            },
            Call("using", .everybody, exempt: .takesNoKey) { tx, _ in
                try tx.runs.using(datasetDigest: "none")
            },
            Call(
                "append(_:to:) of metrics", .contributors,
                entries: ["run_metric.create of many: count; run_id"]
            ) { tx, site in
                var batch = MetricBatch()
                batch.add("loss", 1, step: 1)
                try tx.runs.append(batch, to: site.run.id)
            },
            Call("append(history:artifacts:to:)", .nobody, exempt: .isTheSystems) {
                try $0.runs.append(history: MetricBatch(), artifacts: [:], to: $1.run.id)
            },
            Call("append(_:to:) of a heartbeat", .contributors) {
                try $0.runs.append(MetricBatch(), to: $1.run.id)
            },
            Call("log", .contributors) { try $0.runs.logged.log(MetricBatch(), in: $1.run.id) },
            Call(
                "record(_:named:in:)", .contributors,
                entries: ["experiment_run.update of row: changes artifacts"]
            ) {
                let artifact = Artifact(sha256: "0", sizeBytes: 1)
                try $0.runs.logged.record(artifact, named: "a", in: $1.run.id)
            },
            Call(
                "record(_:in:) of a list", .contributors,
                entries: ["experiment_run.update of row: changes artifacts"]
            ) {
                let list = Artifact.Segment(
                    sha256: "0", count: 1, sizeBytes: 1, firstStep: 0, lastStep: 0)
                let content = RecordChange.Content.segment(.text, list, merging: [], added: 1)
                return try $0.runs.logged.record(
                    [RecordChange(name: "a", content: content)], in: $1.run.id)
            },
            Call(
                "end", .contributors,
                entries: [
                    """
                    experiment_run.end of other: changes completed_at duration_seconds \
                    error_message status
                    """
                ]
            ) { try $0.runs.end($1.child.id, as: .failed, error: "fixture") },
            Call(
                "endAbandoned", .contributors,
                entries: [
                    """
                    experiment_run.end of other: changes completed_at duration_seconds \
                    error_message status
                    """
                ]
            ) { try $0.runs.logged.endAbandoned($1.child.id, error: "fixture") },
            Call(
                "resume", .contributors,
                entries: [
                    """
                    experiment_run.resume of row: changes completed_at heartbeat_at status
                    """
                ]
            ) { try $0.runs.logged.resume($1.run.id, fromStep: nil, environment: [:]) },
            Call(
                "resume of a running run", .contributors,
                entries: ["experiment_run.resume of other: changes heartbeat_at"]
            ) { try $0.runs.logged.resume($1.child.id, fromStep: nil, environment: [:]) },
        ])

    private static let metrics = calls(
        of: RunMetric.self, insert: .contributors, read: .readers,
        trail: Trail(
            entity: "run_metric", created: "metric_name run_id step timestamp value",
            batch: "run_id"),
        own: [
            Call(
                "insert(contentsOf:) of two runs", .contributors,
                entries: ["run_metric.create of many: count; run_id"]
            ) {
                try $0.metrics.insert(contentsOf: [
                    Fixtures.metric(8, of: $1.ownChild.id), Fixtures.metric(9, of: $1.run.id),
                ])
            },
            Call("history", .readers) { try $0.metrics.history(of: $1.run.id, metric: "accuracy") },
            Call("forEachPoint", .readers) {
                try $0.metrics.forEachPoint(of: $1.run.id, metric: "accuracy") { _ in true }
            },
            Call("buckets", .readers) {
                try $0.metrics.buckets(of: $1.run.id, metric: "accuracy", count: 10)
            },
            Call("names", .readers) { try $0.metrics.names(of: $1.run.id) },
            Call("last", .readers) { try $0.metrics.last(of: $1.run.id, metric: "accuracy") },
        ])
}
