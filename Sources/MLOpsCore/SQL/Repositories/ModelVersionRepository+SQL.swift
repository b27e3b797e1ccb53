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
        try first(where: { $0.modelID == model }, order: newestFirst)
    }

    func nextVersion(of model: Identifier<Model>) throws -> String {
        _ = try SQLRepository<Model>(transaction).findLocked(model)
        let versions: [String] = try transaction.rows(
            """
            SELECT version FROM model_versions
            WHERE model_id = \(model) AND \(scope)
            """
        ) { try $0.next() }
        return ModelVersion.next(after: versions)
    }

    func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool
    ) throws -> ModelVersion {
        let version = try find(id)
        // Two promotions at once must not each archive what was there before the other.
        try SQLRepository<Model>(transaction).lock(version.modelID)
        if archivingCurrent, stage != .archived {
            for other in try inStage(stage, of: version.modelID) where other.id != id {
                _ = try set("stage = \(ModelStage.archived)", for: other.id)
            }
        }
        return version.stage == stage ? version : try set("stage = \(stage)", for: id)
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
