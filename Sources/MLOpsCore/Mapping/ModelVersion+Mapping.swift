extension ModelVersion {
    /// The columns of `model_versions`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = ModelVersion
        /// The model.
        public let modelID = Column<ModelVersion, Identifier<Model>>("model_id")
        /// The version number.
        public let version = Column<ModelVersion, String>("version", holdsNames: true)
        /// The stage.
        public let stage = Column<ModelVersion, ModelStage>("stage")
        /// The run that produced it.
        public let sourceRunID = Column<ModelVersion, Identifier<ExperimentRun>?>("source_run_id")
        /// Where the artifact is stored.
        public let artifactURI = Column<ModelVersion, String?>("artifact_uri")
        /// The SHA-256 of the artifact.
        public let artifactSHA256 = Column<ModelVersion, String?>("artifact_sha256")
        /// The size of the artifact, in bytes.
        public let modelSizeBytes = Column<ModelVersion, Int64?>("model_size_bytes")
        /// The packages needed to load it.
        public let requirements = Column<ModelVersion, String?>("requirements")
        /// The results of evaluation.
        public let performanceMetrics = JSONColumn<ModelVersion>(
            "performance_metrics", isFlat: true)
        /// The results of training.
        public let trainingMetrics = JSONColumn<ModelVersion>("training_metrics", isFlat: true)
        /// The inputs and outputs.
        public let modelSchema = JSONColumn<ModelVersion>("model_schema")
        /// Free text.
        public let description = Column<ModelVersion, String?>("description")
        /// Requests, decisions and the last report.
        public let promotion = JSONColumn<ModelVersion>("promotion")
    }

    /// The columns of `model_versions`.
    public static let columns = Columns()
}

extension ModelVersion: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "model_versions", resource: "model_version",
        project: .parent(columns.modelID),
        permissions: .project(write: .contributor, delete: .contributor, purge: .owner),
        fixed: [columns.modelID, columns.version], managed: [columns.stage, columns.promotion],
        references: [
            Reference(columns.modelID, onPurge: .cascade),
            Reference(columns.sourceRunID, onPurge: .clear),
            Reference(columns.createdBy, onPurge: .restrict),
        ])

    package static let blank = ModelVersion(model: .unassigned, version: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.modelID, &modelID)
        try row.column(Self.columns.version, &version)
        try row.column(Self.columns.stage, &stage)
        try row.column(Self.columns.sourceRunID, &sourceRunID)
        try row.column(Self.columns.artifactURI, &artifactURI)
        try row.column(Self.columns.artifactSHA256, &artifactSHA256)
        try row.column(Self.columns.modelSizeBytes, &modelSizeBytes)
        try row.column(Self.columns.requirements, &requirements)
        try row.column(Self.columns.performanceMetrics, &performanceMetrics)
        try row.column(Self.columns.trainingMetrics, &trainingMetrics)
        try row.column(Self.columns.modelSchema, &modelSchema)
        try row.column(Self.columns.description, &description)
        try row.document(Self.columns.promotion, &promotion)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }

    /// Changing or deleting a version in production requires the role `maintainer`.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        let isChange = action == .write || action == .delete
        return isChange && stage == .production
            ? .project(.maintainer) : Self.table.permissions[action]
    }
}
