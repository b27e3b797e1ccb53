extension ModelVersion: TableMapped {
    package static let table = Table(
        "model_versions",
        columns: [
            "id", "organization_id", "model_id", "version", "stage", "source_run_id",
            "artifact_uri", "artifact_sha256", "model_size_bytes", "requirements",
            "performance_metrics", "training_metrics", "model_schema", "description",
            "created_by", "created_at", "updated_at", "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["model_id", "version"],
        references: [
            .init("model_id", to: Model.self, onPurge: .cascade),
            .init("source_run_id", to: ExperimentRun.self, onPurge: .clear),
            .init("created_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        modelID = try row.next()
        version = try row.next()
        stage = try row.next()
        sourceRunID = try row.next()
        artifactURI = try row.next()
        artifactSHA256 = try row.next()
        modelSizeBytes = try row.next()
        requirements = try row.next()
        performanceMetrics = try row.next()
        trainingMetrics = try row.next()
        modelSchema = try row.next()
        description = try row.next()
        createdBy = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        deletionID = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(modelID)
        try row.append(version)
        try row.append(stage)
        try row.append(sourceRunID)
        try row.append(artifactURI)
        try row.append(artifactSHA256)
        try row.append(modelSizeBytes)
        try row.append(requirements)
        try row.append(performanceMetrics)
        try row.append(trainingMetrics)
        try row.append(modelSchema)
        try row.append(description)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}
