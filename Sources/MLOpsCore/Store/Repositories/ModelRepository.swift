/// The registered models of an organization.
public protocol ModelRepository: SoftDeletableRepository where Record == Model {
    /// The live model of this name in a project, or `nil`.
    func named(_ name: String, in project: Identifier<Project>) throws -> Model?

    /// The live model of this name in its project, or else this one, inserted.
    ///
    /// Another program may insert one at the same time: both get the same. A model that is found
    /// keeps its fields.
    ///
    /// - Throws: What ``Repository/insert(_:)`` throws.
    @discardableResult
    func findOrCreate(_ model: Model) throws -> Model

    /// Lets an alias name a version of a model, in place of the one it named; returns the model.
    ///
    /// An alias consists of letters, digits, `_` and `-`, at most 255 of them; case matters. As in
    /// MLflow, `latest` and `v` with digits are reserved. The audit trail has the versions before
    /// and after, as `model.alias`.
    ///
    /// - Throws: `.permissionDenied` unless the principal maintains the project; `.invalidValue`
    ///   for a text that is no alias, and for a version of another model; `.notFound`.
    @discardableResult
    func setAlias(
        _ alias: String, to version: Identifier<ModelVersion>, of id: Identifier<Model>
    ) throws -> Model

    /// Removes an alias, if the model has it, and returns the model.
    ///
    /// The alias of a deleted version is removed too: it does not come back with the version.
    ///
    /// - Throws: `.permissionDenied` unless the principal maintains the project; `.notFound` for
    ///   the model.
    @discardableResult
    func removeAlias(_ alias: String, of id: Identifier<Model>) throws -> Model

    /// The live versions of a model that have an alias, by alias.
    ///
    /// - Throws: `.notFound`.
    func aliases(of id: Identifier<Model>) throws -> [String: ModelVersion]

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
