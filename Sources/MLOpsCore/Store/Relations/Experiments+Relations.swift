/// Relations of experiments, runs and metrics.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards, a query may narrow, order and page.
extension Transaction {
    /// The project of an experiment.
    public func project(of experiment: Experiment) throws -> Project {
        try projects.find(experiment.projectID)
    }

    /// The experiments of a project.
    public func experiments(
        of project: Project, _ query: Query<Experiment> = Query()
    ) throws -> Page<Experiment> {
        try experiments.page(query.filtered { $0.projectID == project.id })
    }

    /// The model that an experiment is about, or `nil`.
    public func model(of experiment: Experiment) throws -> Model? {
        try experiment.modelID.flatMap { try models.findIfExists($0) }
    }

    /// The experiments about a model.
    public func experiments(
        of model: Model, _ query: Query<Experiment> = Query()
    ) throws -> Page<Experiment> {
        try experiments.page(query.filtered { $0.modelID == model.id })
    }

    /// The experiment of a run.
    public func experiment(of run: ExperimentRun) throws -> Experiment {
        try experiments.find(run.experimentID)
    }

    /// The runs of an experiment.
    public func runs(
        of experiment: Experiment, _ query: Query<ExperimentRun> = Query()
    ) throws -> Page<ExperimentRun> {
        try runs.page(query.filtered { $0.experimentID == experiment.id })
    }

    /// The run that a run is directly inside of, or `nil`.
    public func parent(of run: ExperimentRun) throws -> ExperimentRun? {
        try run.parentRunID.flatMap { try runs.findIfExists($0) }
    }

    /// The runs directly inside a run.
    public func children(
        of run: ExperimentRun, _ query: Query<ExperimentRun> = Query()
    ) throws -> Page<ExperimentRun> {
        try runs.page(query.filtered { $0.parentRunID == run.id })
    }

    /// The run of a point of a metric.
    public func run(of point: RunMetric) throws -> ExperimentRun {
        try runs.find(point.runID)
    }

    /// The points of a run's metrics.
    public func metrics(
        of run: ExperimentRun, _ query: Query<RunMetric> = Query()
    ) throws -> Page<RunMetric> {
        try metrics.page(query.filtered { $0.runID == run.id })
    }
}
