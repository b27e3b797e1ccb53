import Foundation
import MLOpsCore

extension SampleStory {
    /// The values that a run is started with.
    struct Run {
        let name: String
        let experiment: Identifier<Experiment>
        let parameters: JSONValue
        let parent: Identifier<ExperimentRun>?
        let date: Date

        init(
            _ name: String, in experiment: Identifier<Experiment>, _ parameters: JSONValue,
            parent: Identifier<ExperimentRun>? = nil, at date: Date
        ) {
            self.name = name
            self.experiment = experiment
            self.parameters = parameters
            self.parent = parent
            self.date = date
        }
    }

    /// Makes a run with the metrics of each epoch, and ends it.
    mutating func makeRun(
        _ run: Run, epochs: Int64, secondsPerEpoch: Double, failingAt failure: Int64? = nil,
        _ metrics: (Int64, inout SampleRandom) -> KeyValuePairs<String, Double>
    ) throws -> ExperimentRun {
        var points: [(name: String, value: Double, step: Int64, date: Date)] = []
        var summaries: [String: MetricSummary] = [:]
        for epoch in 1...(failure ?? epochs) {
            let date = run.date + Double(epoch) * secondsPerEpoch
            for (name, value) in metrics(epoch, &random) {
                points.append((name, value, epoch, date))
                let summary = MetricSummary(value, step: epoch)
                if summaries[name]?.add(value, step: epoch) == nil { summaries[name] = summary }
            }
        }
        let stored = try startRun(run, metrics: summaries)
        let rows = points.map {
            RunMetric(
                id: id($0.date), run: stored.id, metricName: $0.name, value: $0.value,
                step: $0.step, timestamp: $0.date)
        }
        try view(scientist, run.date).metrics.insert(contentsOf: rows)
        let end = (points.last?.date ?? run.date) + 5
        let error = failure.map { "The process ran out of memory in epoch \($0)." }
        return try endRun(stored, at: end, error: error)
    }

    /// Stores a running run.
    mutating func startRun(
        _ run: Run, metrics: [String: MetricSummary]
    ) throws -> ExperimentRun {
        var started = ExperimentRun(
            id: id(run.date), experiment: run.experiment, parentRun: run.parent, runName: run.name,
            status: .running, parameters: run.parameters, tags: ["team": "risk"],
            environment: [
                "host": "train-01", "git_commit": .string(random.hexadecimal(40)),
                "packages": ["xgboost": "2.1.3", "numpy": "2.1.2"],
            ],
            startedAt: run.date, createdAt: run.date)
        (started.metrics, started.heartbeatAt) = (metrics, run.date)
        return try insert(started, by: scientist)
    }

    /// Ends a run as completed, or as failed when there is an error.
    @discardableResult
    mutating func endRun(
        _ run: ExperimentRun, at end: Date, error: String? = nil
    ) throws -> ExperimentRun {
        var run = run
        run.status = error == nil ? .completed : .failed
        run.errorMessage = error
        run.completedAt = end
        run.durationSeconds = run.startedAt.map(end.timeIntervalSince)
        return try view(scientist, end).runs.update(run)
    }
}
