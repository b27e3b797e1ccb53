extension Records where Record == Model {
    /// See ``ModelRepository/named(_:in:)``.
    public func named(_ name: String, in project: Identifier<Project>) async throws -> Model? {
        try await workspace.read { try $0.models.named(name, in: project) }
    }

    /// See ``ModelRepository/findOrCreate(_:)``.
    @discardableResult
    public func findOrCreate(_ model: Model) async throws -> Model {
        try await workspace.write { try $0.models.findOrCreate(model) }
    }

    /// See ``ModelRepository/setAlias(_:to:of:)``.
    @discardableResult
    public func setAlias(
        _ alias: String, to version: Identifier<ModelVersion>, of id: Identifier<Model>
    ) async throws -> Model {
        try await workspace.write { try $0.models.setAlias(alias, to: version, of: id) }
    }

    /// See ``ModelRepository/removeAlias(_:of:)``.
    @discardableResult
    public func removeAlias(_ alias: String, of id: Identifier<Model>) async throws -> Model {
        try await workspace.write { try $0.models.removeAlias(alias, of: id) }
    }

    /// See ``ModelRepository/aliases(of:)``.
    public func aliases(of id: Identifier<Model>) async throws -> [String: ModelVersion] {
        try await workspace.read { try $0.models.aliases(of: id) }
    }

    /// See ``ModelRepository/setPromotionPolicy(_:for:of:)``.
    @discardableResult
    public func setPromotionPolicy(
        _ policy: PromotionPolicy?, for stage: ModelStage, of id: Identifier<Model>
    ) async throws -> Model {
        try await workspace.write { try $0.models.setPromotionPolicy(policy, for: stage, of: id) }
    }

    /// See ``ModelRepository/promotionPolicy(for:of:)``.
    public func promotionPolicy(
        for stage: ModelStage, of id: Identifier<Model>
    ) async throws -> PromotionPolicy? {
        try await workspace.read { try $0.models.promotionPolicy(for: stage, of: id) }
    }
}

extension Records where Record == ModelVersion {
    /// See ``ModelVersionRepository/version(_:of:)``.
    public func version(
        _ version: String, of model: Identifier<Model>
    ) async throws -> ModelVersion? {
        try await workspace.read { try $0.modelVersions.version(version, of: model) }
    }

    /// See ``ModelVersionRepository/using(datasetDigest:)``.
    public func using(datasetDigest digest: String) async throws -> [ModelVersion] {
        try await workspace.read { try $0.modelVersions.using(datasetDigest: digest) }
    }

    /// See ``ModelVersionRepository/version(alias:of:)``.
    public func version(alias: String, of model: Identifier<Model>) async throws -> ModelVersion? {
        try await workspace.read { try $0.modelVersions.version(alias: alias, of: model) }
    }

    /// See ``ModelVersionRepository/of(model:)``.
    public func of(model: Identifier<Model>) async throws -> [ModelVersion] {
        try await workspace.read { try $0.modelVersions.of(model: model) }
    }

    /// See ``ModelVersionRepository/inStage(_:of:)``.
    public func inStage(
        _ stage: ModelStage, of model: Identifier<Model>
    ) async throws -> [ModelVersion] {
        try await workspace.read { try $0.modelVersions.inStage(stage, of: model) }
    }

    /// See ``ModelVersionRepository/latest(of:)``.
    public func latest(of model: Identifier<Model>) async throws -> ModelVersion? {
        try await workspace.read { try $0.modelVersions.latest(of: model) }
    }

    /// See ``Workspace/promote(_:to:archivingCurrent:overriding:)``.
    @discardableResult
    public func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool? = nil,
        overriding reason: String? = nil
    ) async throws -> ModelVersion {
        try await workspace.promote(
            id, to: stage, archivingCurrent: archivingCurrent, overriding: reason)
    }

    /// See ``ModelVersionRepository/promotionReport(of:to:)``.
    public func promotionReport(
        of id: Identifier<ModelVersion>, to stage: ModelStage
    ) async throws -> PromotionReport {
        try await workspace.read { try $0.modelVersions.promotionReport(of: id, to: stage) }
    }

    /// See ``ModelVersionRepository/requestPromotion(of:to:note:)``.
    @discardableResult
    public func requestPromotion(
        of id: Identifier<ModelVersion>, to stage: ModelStage, note: String? = nil
    ) async throws -> ModelVersion {
        try await workspace.write {
            try $0.modelVersions.requestPromotion(of: id, to: stage, note: note)
        }
    }

    /// See ``ModelVersionRepository/approve(_:for:note:)``.
    @discardableResult
    public func approve(
        _ id: Identifier<ModelVersion>, for stage: ModelStage, note: String? = nil
    ) async throws -> ModelVersion {
        try await workspace.write { try $0.modelVersions.approve(id, for: stage, note: note) }
    }

    /// See ``ModelVersionRepository/reject(_:for:note:)``.
    @discardableResult
    public func reject(
        _ id: Identifier<ModelVersion>, for stage: ModelStage, note: String? = nil
    ) async throws -> ModelVersion {
        try await workspace.write { try $0.modelVersions.reject(id, for: stage, note: note) }
    }

    /// See ``ModelVersionRepository/lineage(of:)``.
    public func lineage(of id: Identifier<ModelVersion>) async throws -> Lineage {
        try await workspace.read { try $0.modelVersions.lineage(of: id) }
    }
}
