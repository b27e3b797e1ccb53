extension SQLRepository: ModelVersionRepository where Record == ModelVersion {
    func version(_ version: String, of model: Identifier<Model>) throws -> ModelVersion? {
        try first { $0.modelID == model && $0.version == version }
    }

    func of(model: Identifier<Model>) throws -> [ModelVersion] {
        _ = try transaction.models.find(model)
        return try all(where: { $0.modelID == model }, order: newestFirst)
    }

    func inStage(_ stage: ModelStage, of model: Identifier<Model>) throws -> [ModelVersion] {
        _ = try transaction.models.find(model)
        return try all(where: { $0.modelID == model && $0.stage == stage }, order: newestFirst)
    }

    func latest(of model: Identifier<Model>) throws -> ModelVersion? {
        _ = try transaction.models.find(model)
        return try first(where: { $0.modelID == model }, order: newestFirst)
    }

    func nextVersion(of model: Identifier<Model>) throws -> String {
        try SQLRepository<Model>(transaction).lock(model)
        _ = try transaction.models.find(model)
        let versions: [String] = try transaction.rows(
            """
            SELECT version FROM model_versions
            WHERE model_id = \(model) AND \(tenant)
            """
        ) { try $0.next() }
        return ModelVersion.next(after: versions)
    }

    func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool
    ) throws -> ModelVersion {
        let (version, role) = try findWithRole(id, to: .write)
        var promoted = version
        promoted.stage = stage
        try transaction.require(.write, promoted, in: role)
        // The lock serializes promotions, so that each archives what the previous one promoted.
        try SQLRepository<Model>(transaction).lock(version.modelID)
        if archivingCurrent, stage != .archived {
            for other in try inStage(stage, of: version.modelID) where other.id != id {
                _ = try set(
                    "stage = \(ModelStage.archived)", of: try find(other.id, to: .write),
                    as: "promote")
            }
        }
        if version.stage == stage { return version }
        return try set("stage = \(stage)", of: version, as: "promote")
    }

    func lineage(of id: Identifier<ModelVersion>) throws -> Lineage {
        let version = try find(id)
        let model = try transaction.models.find(version.modelID)
        let project = try transaction.projects.find(model.projectID)
        let run = try version.sourceRunID.flatMap { try transaction.runs.findIfExists($0) }
        let experiment = try run.flatMap {
            try transaction.experiments.findIfExists($0.experimentID)
        }
        return Lineage(
            version: version, model: model, project: project, run: run, experiment: experiment)
    }

    private func newestFirst(_ columns: ModelVersion.Columns) -> [Order<ModelVersion>] {
        [columns.createdAt.descending, columns.id.descending]
    }
}

extension ModelVersion: StoredSoftDeletable {}
