public import Foundation

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

extension ModelVersion {
    /// The columns of `model_versions`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<ModelVersion, Identifier<ModelVersion>>("id")
        /// The model.
        public let modelID = Column<ModelVersion, Identifier<Model>>("model_id")
        /// The version.
        public let version = Column<ModelVersion, String>("version")
        /// How far it has come.
        public let stage = Column<ModelVersion, ModelStage>("stage")
        /// The run that produced it.
        public let sourceRunID = Column<ModelVersion, Identifier<ExperimentRun>?>("source_run_id")
        /// Where the artifact is stored.
        public let artifactURI = Column<ModelVersion, String?>("artifact_uri")
        /// The SHA-256 of the artifact.
        public let artifactSHA256 = Column<ModelVersion, String?>("artifact_sha256")
        /// The size of the artifact, in bytes.
        public let modelSizeBytes = Column<ModelVersion, Int64?>("model_size_bytes")
        /// The packages that are needed to load it.
        public let requirements = Column<ModelVersion, String?>("requirements")
        /// The results of evaluation.
        public let performanceMetrics = JSONColumn<ModelVersion>("performance_metrics")
        /// The results of training.
        public let trainingMetrics = JSONColumn<ModelVersion>("training_metrics")
        /// The inputs and outputs.
        public let modelSchema = JSONColumn<ModelVersion>("model_schema")
        /// Free text.
        public let description = Column<ModelVersion, String?>("description")
        /// Who made it.
        public let createdBy = Column<ModelVersion, Identifier<User>>("created_by")
        /// When it was made.
        public let createdAt = Column<ModelVersion, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<ModelVersion, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<ModelVersion, Date?>("deleted_at")
    }

    /// The columns of `model_versions`.
    public static let columns = Columns()
}
