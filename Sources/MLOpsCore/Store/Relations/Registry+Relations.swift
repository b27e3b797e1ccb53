/// Relations of models and their versions.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards, a query may narrow, order and page.
extension Transaction {
    /// The project of a model.
    public func project(of model: Model) throws -> Project {
        try projects.find(model.projectID)
    }

    /// The models of a project.
    public func models(
        of project: Project, _ query: Query<Model> = Query()
    ) throws -> Page<Model> {
        try models.page(query.filtered { $0.projectID == project.id })
    }

    /// The model of a version.
    public func model(of version: ModelVersion) throws -> Model {
        try models.find(version.modelID)
    }

    /// The versions of a model.
    public func modelVersions(
        of model: Model, _ query: Query<ModelVersion> = Query()
    ) throws -> Page<ModelVersion> {
        try modelVersions.page(query.filtered { $0.modelID == model.id })
    }

    /// The run that produced a version, or `nil`.
    public func sourceRun(of version: ModelVersion) throws -> ExperimentRun? {
        try version.sourceRunID.flatMap { try runs.findIfExists($0) }
    }

    /// The model versions that a run has produced.
    public func modelVersions(
        from run: ExperimentRun, _ query: Query<ModelVersion> = Query()
    ) throws -> Page<ModelVersion> {
        try modelVersions.page(query.filtered { $0.sourceRunID == run.id })
    }
}
