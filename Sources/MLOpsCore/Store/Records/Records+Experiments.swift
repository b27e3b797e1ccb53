extension Records where Record == Experiment {
    /// See ``ExperimentRepository/named(_:in:)``.
    public func named(_ name: String, in project: Identifier<Project>) async throws -> Experiment? {
        try await workspace.read { try $0.experiments.named(name, in: project) }
    }

    /// See ``ExperimentRepository/findOrCreate(_:)``.
    @discardableResult
    public func findOrCreate(_ experiment: Experiment) async throws -> Experiment {
        try await workspace.write { try $0.experiments.findOrCreate(experiment) }
    }

    /// See ``ExperimentRepository/of(project:)``.
    public func of(project: Identifier<Project>) async throws -> [Experiment] {
        try await workspace.read { try $0.experiments.of(project: project) }
    }
}

extension Records where Record == ExperimentRun {
    /// See ``ExperimentRunRepository/of(experiment:)``.
    public func of(experiment: Identifier<Experiment>) async throws -> [ExperimentRun] {
        try await workspace.read { try $0.runs.of(experiment: experiment) }
    }

    /// See ``ExperimentRunRepository/children(of:)``.
    public func children(of run: Identifier<ExperimentRun>) async throws -> [ExperimentRun] {
        try await workspace.read { try $0.runs.children(of: run) }
    }

    /// See ``ExperimentRunRepository/using(datasetDigest:limit:)``.
    public func using(
        datasetDigest digest: String, limit: Int = 100
    ) async throws -> [ExperimentRun] {
        try await workspace.read { try $0.runs.using(datasetDigest: digest, limit: limit) }
    }

    /// See ``ExperimentRunRepository/running()``.
    public func running() async throws -> [ExperimentRun] {
        try await workspace.read { try $0.runs.running() }
    }

    /// See ``ExperimentRunRepository/ancestors(of:)``.
    public func ancestors(of run: Identifier<ExperimentRun>) async throws -> [ExperimentRun] {
        try await workspace.read { try $0.runs.ancestors(of: run) }
    }

    /// See ``ExperimentRunRepository/ranked(by:figure:in:ascending:limit:)``.
    public func ranked(
        by metric: String, figure: MetricFigure = .last, in experiment: Identifier<Experiment>,
        ascending: Bool = false, limit: Int = 100
    ) async throws -> [ExperimentRun] {
        try await workspace.read {
            try $0.runs.ranked(
                by: metric, figure: figure, in: experiment, ascending: ascending, limit: limit)
        }
    }

    /// See ``ExperimentRunRepository/versions(from:)``.
    public func versions(from run: Identifier<ExperimentRun>) async throws -> [ModelVersion] {
        try await workspace.read { try $0.runs.versions(from: run) }
    }

    /// See ``ExperimentRunRepository/append(_:to:)``.
    public func append(_ batch: MetricBatch, to run: Identifier<ExperimentRun>) async throws {
        try await workspace.write { try $0.runs.append(batch, to: run) }
    }

    /// See ``ExperimentRunRepository/end(_:as:error:with:)``.
    @discardableResult
    public func end(
        _ run: Identifier<ExperimentRun>, as status: RunStatus, error: String? = nil,
        with batch: MetricBatch = MetricBatch()
    ) async throws -> ExperimentRun {
        try await workspace.write { try $0.runs.end(run, as: status, error: error, with: batch) }
    }
}

extension Records where Record == RunMetric {
    /// See ``RunMetricRepository/history(of:metric:in:)``.
    public func history(
        of run: Identifier<ExperimentRun>, metric: String, in steps: ClosedRange<Int64>? = nil
    ) async throws -> [MetricPoint] {
        try await workspace.read { try $0.metrics.history(of: run, metric: metric, in: steps) }
    }

    /// See ``RunMetricRepository/buckets(of:metric:count:)``.
    public func buckets(
        of run: Identifier<ExperimentRun>, metric: String, count: Int
    ) async throws -> [MetricBucket] {
        try await workspace.read { try $0.metrics.buckets(of: run, metric: metric, count: count) }
    }

    /// See ``RunMetricRepository/names(of:)``.
    public func names(of run: Identifier<ExperimentRun>) async throws -> [String] {
        try await workspace.read { try $0.metrics.names(of: run) }
    }

    /// See ``RunMetricRepository/last(of:metric:)``.
    public func last(
        of run: Identifier<ExperimentRun>, metric: String
    ) async throws -> MetricPoint? {
        try await workspace.read { try $0.metrics.last(of: run, metric: metric) }
    }
}
