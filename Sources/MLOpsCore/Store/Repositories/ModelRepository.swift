/// The registered models of an organization.
public protocol ModelRepository: SoftDeletableRepository where Record == Model {
    /// The live model of this name in a project, or `nil`.
    func named(_ name: String, in project: Identifier<Project>) throws -> Model?

    /// Sets what versions have to show before they enter a stage of a model, and returns the model.
    ///
    /// Without a policy that of the project holds.
    ///
    /// - Throws: `.permissionDenied` unless the principal owns the project; `.invalidValue` for a
    ///   policy that nothing can meet; `.notFound`.
    @discardableResult
    func setPromotionPolicy(
        _ policy: PromotionPolicy?, for stage: ModelStage, of id: Identifier<Model>
    ) throws -> Model

    /// The policy that holds for a stage of a model: its own, or that of its project.
    ///
    /// - Throws: `.notFound`.
    func promotionPolicy(
        for stage: ModelStage, of id: Identifier<Model>
    ) throws -> PromotionPolicy?
}
