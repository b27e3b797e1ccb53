/// Relations of models and their versions.
///
/// A parent that the transaction cannot see, such as a deleted one, throws `.notFound`; an optional
/// relation returns `nil`. To find children, filter on the foreign key, such as
/// `{ $0.projectID == project.id }`.
extension Transaction {
    /// The project of a model.
    public func project(of model: Model) throws -> Project {
        try projects.find(model.projectID)
    }

    /// The model of a version.
    public func model(of version: ModelVersion) throws -> Model {
        try models.find(version.modelID)
    }

    /// The run that produced a version, or `nil`.
    public func sourceRun(of version: ModelVersion) throws -> ExperimentRun? {
        try version.sourceRunID.flatMap { try runs.findIfExists($0) }
    }
}
