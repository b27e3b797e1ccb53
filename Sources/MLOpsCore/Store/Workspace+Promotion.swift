extension Workspace {
    /// Moves a version to a stage, if the gates of the stage let it pass.
    ///
    /// What the gates say is kept with the version also when they refuse it. See
    /// ``ModelVersionRepository/promote(_:to:archivingCurrent:overriding:)``, whose errors it
    /// throws.
    @discardableResult
    public func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool? = nil,
        overriding reason: String? = nil
    ) async throws -> ModelVersion {
        let outcome = try await write { tx -> Result<ModelVersion, StoreError> in
            do {
                return .success(
                    try tx.modelVersions.promote(
                        id, to: stage, archivingCurrent: archivingCurrent, overriding: reason))
            } catch let refusal as StoreError where refusal.code == .promotionRefused {
                return .failure(refusal)
            }
        }
        return try outcome.get()
    }
}
