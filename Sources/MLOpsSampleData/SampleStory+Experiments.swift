import Foundation
import MLOpsCore

extension SampleStory {
    struct Runs {
        /// The run of the grid with the largest area under the curve.
        let best: ExperimentRun
        /// The run of the grid that failed.
        let failed: ExperimentRun
        /// The run that was trained on a leaked feature.
        let leaked: ExperimentRun
        let recommender: ExperimentRun
    }

    mutating func makeExperiments(_ projects: Projects, _ models: Models) throws -> Runs {
        let (best, failed) = try makeTuning(projects, models)
        let recommender = try makeExperiment(
            "Collaborative filter baseline", in: projects.recommendations, of: models.recommender,
            ["factors": 64, "regularization": 0.01], tags: ["baseline"], at: time(-12, 9)
        ) { story, experiment, start in
            try story.makeRun(
                Run("als factors=64", in: experiment, ["factors": 64], at: start),
                epochs: 15, secondsPerEpoch: 120
            ) { $1.recommenderMetrics(epoch: $0) }
        }
        let leaked = try makeExperiment(
            "Fraud classifier with chargebacks", in: projects.fraud, of: models.fraud,
            ["added_features": ["chargeback_flag"]], tags: ["retraining"], at: time(1, 13)
        ) { story, experiment, start in
            try story.makeRun(
                Run(
                    "eta=0.1 max_depth=6 +chargebacks", in: experiment,
                    ["eta": 0.1, "max_depth": 6, "features": "v2"], at: start),
                epochs: SampleGridPoint.epochs, secondsPerEpoch: 45
            ) { $1.leakedMetrics(epoch: $0) }
        }
        return Runs(best: best, failed: failed, leaked: leaked, recommender: recommender)
    }

    /// Makes the grid search: a parent run, and its child runs, one after another.
    private mutating func makeTuning(
        _ projects: Projects, _ models: Models
    ) throws -> (best: ExperimentRun, failed: ExperimentRun) {
        let children = try makeExperiment(
            "Fraud classifier tuning", in: projects.fraud, of: models.fraud,
            ["search": "grid", "objective": "val_auc", "eta": [0.03, 0.1, 0.3, 1.0]],
            tags: ["tuning", "xgboost"], at: time(-21, 9)
        ) { story, experiment, start in
            let search = Run(
                "grid search", in: experiment, ["combinations": 12], at: start)
            let parent = try story.startRun(search, metrics: [:])
            var date = start
            var children: [ExperimentRun] = []
            for point in SampleGridPoint.all {
                date += 60
                let child = try story.makeRun(
                    Run(point.name, in: experiment, point.parameters, parent: parent.id, at: date),
                    epochs: SampleGridPoint.epochs, secondsPerEpoch: 30,
                    failingAt: point.epochOfFailure
                ) { point.metrics(epoch: $0, &$1) }
                children.append(child)
                date = child.completedAt ?? date
            }
            try story.endRun(parent, at: date + 30)
            return children
        }
        let best = children.filter { $0.status == .completed }.max { Self.area($0) < Self.area($1) }
        guard let best, let failed = children.first(where: { $0.status == .failed }) else {
            throw StoreError(.invalidValue, "The grid of the sample has no best or no failed run.")
        }
        return (best, failed)
    }

    private static func area(_ run: ExperimentRun) -> Double { run.metrics["val_auc"]?.last ?? 0 }

    /// Makes an experiment that starts with its runs and is completed two minutes after them.
    private mutating func makeExperiment<Value>(
        _ name: String, in project: Identifier<Project>, of model: Identifier<Model>,
        _ config: JSONValue, tags: [String], at date: Date,
        _ makeRuns: (inout SampleStory, Identifier<Experiment>, Date) throws -> Value
    ) throws -> Value {
        var experiment = try insert(
            Experiment(
                id: id(date), project: project, model: model, name: name, status: .running,
                config: config, tags: tags, startedAt: date, createdAt: date),
            by: scientist)
        let runs = try makeRuns(&self, experiment.id, date + 300)
        let last = try view(scientist, date).runs.first(
            where: { $0.experimentID == experiment.id }, order: { [$0.completedAt.descending] })
        let end = (last?.completedAt ?? date) + 120
        experiment.status = .completed
        experiment.completedAt = end
        try view(scientist, end).experiments.update(experiment)
        return runs
    }
}
