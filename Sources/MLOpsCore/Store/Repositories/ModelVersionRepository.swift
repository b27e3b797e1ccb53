/// The versions of an organization's models.
public protocol ModelVersionRepository: SoftDeletableRepository where Record == ModelVersion {
    /// The live version of this name of a model, or `nil`.
    func version(_ version: String, of model: Identifier<Model>) throws -> ModelVersion?

    /// The versions of a model, newest first.
    ///
    /// - Throws: `.notFound` for a model that is absent or deleted.
    func of(model: Identifier<Model>) throws -> [ModelVersion]

    /// The versions of a model in one stage, newest first.
    ///
    /// - Throws: `.notFound` for a model that is absent or deleted.
    func inStage(_ stage: ModelStage, of model: Identifier<Model>) throws -> [ModelVersion]

    /// The newest version of a model by its time, or `nil`.
    ///
    /// - Throws: `.notFound` for a model that is absent or deleted.
    func latest(of model: Identifier<Model>) throws -> ModelVersion?

    /// The version to give next, by ``ModelVersion/next(after:)``; versions of the model that are
    /// deleted count too.
    ///
    /// - Throws: `.notFound` for a model that is absent or deleted.
    func nextVersion(of model: Identifier<Model>) throws -> String

    /// Moves a version to a stage and returns it; with `archivingCurrent` the model's other
    /// versions in that stage are archived.
    ///
    /// - Throws: `.notFound`.
    @discardableResult
    func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool
    ) throws -> ModelVersion

    /// The model and the project of a version, and the run and the experiment it came from.
    ///
    /// - Throws: `.notFound`.
    func lineage(of id: Identifier<ModelVersion>) throws -> Lineage
}

extension ModelVersionRepository {
    /// Moves a version to a stage, leaves the others where they are, and returns it.
    ///
    /// - Throws: `.notFound`.
    @discardableResult
    public func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage
    ) throws -> ModelVersion {
        try promote(id, to: stage, archivingCurrent: false)
    }
}
