/// Relations of experiments, runs and metrics.
///
/// A parent that the transaction cannot see, such as a deleted one, throws `.notFound`; an optional
/// relation returns `nil`. To find children, filter on the foreign key, such as
/// `{ $0.projectID == project.id }`.
extension Transaction {
    /// The project of an experiment.
    public func project(of experiment: Experiment) throws -> Project {
        try projects.find(experiment.projectID)
    }

    /// The model that an experiment is about, or `nil`.
    public func model(of experiment: Experiment) throws -> Model? {
        try experiment.modelID.flatMap { try models.findIfExists($0) }
    }

    /// The experiment of a run.
    public func experiment(of run: ExperimentRun) throws -> Experiment {
        try experiments.find(run.experimentID)
    }

    /// The run that a run is directly inside of, or `nil`.
    public func parent(of run: ExperimentRun) throws -> ExperimentRun? {
        try run.parentRunID.flatMap { try runs.findIfExists($0) }
    }

    /// The run of a point of a metric.
    public func run(of point: RunMetric) throws -> ExperimentRun {
        try runs.find(point.runID)
    }
}
