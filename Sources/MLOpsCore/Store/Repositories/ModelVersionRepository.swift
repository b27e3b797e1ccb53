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

    /// Moves a version to a stage and returns it, if the gates of the stage let it pass.
    ///
    /// The gates are those of the ``PromotionPolicy`` that holds for the stage; without one every
    /// version passes. They are evaluated in this transaction, and promotions of a model wait for
    /// one another. What they say is kept in ``ModelVersion/promotion`` and in the audit trail.
    ///
    /// With `archivingCurrent`, or if it is `nil` as the policy says, the model's other versions in
    /// that stage are archived. With a reason the version enters the stage whatever the gates say.
    ///
    /// - Throws: `.promotionRefused` with the answer of every gate; `.permissionDenied` unless the
    ///   principal maintains the project, owns it to override a gate, or contributes to it where
    ///   neither stage is production; `.invalidValue` for an empty reason; `.notFound`.
    @discardableResult
    func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool?,
        overriding reason: String?
    ) throws -> ModelVersion

    /// What the gates of a stage would say now; nothing changes.
    ///
    /// - Throws: `.notFound`.
    func promotionReport(
        of id: Identifier<ModelVersion>, to stage: ModelStage
    ) throws -> PromotionReport

    /// Asks for the promotion of a version, in place of an earlier request for the stage.
    ///
    /// - Throws: `.permissionDenied` unless the principal contributes to the project; `.conflict`
    ///   when the version is in the stage; `.notFound`.
    @discardableResult
    func requestPromotion(
        of id: Identifier<ModelVersion>, to stage: ModelStage, note: String?
    ) throws -> ModelVersion

    /// Approves the promotion of a version, in place of the user's last decision for the stage.
    ///
    /// The approval is about the artifact and the figures of now, and void when they change. It
    /// counts while the user has the role that the policy demands; a user and the user's keys are
    /// one person. Under system access it is the operator's, and all operators are one person too.
    ///
    /// - Throws: `.permissionDenied` unless the principal has the role that the policy demands;
    ///   `.conflict` when the version is in the stage; `.notFound`.
    @discardableResult
    func approve(
        _ id: Identifier<ModelVersion>, for stage: ModelStage, note: String?
    ) throws -> ModelVersion

    /// Rejects the promotion of a version, until the user approves it or its figures change.
    ///
    /// - Throws: As `approve`.
    @discardableResult
    func reject(
        _ id: Identifier<ModelVersion>, for stage: ModelStage, note: String?
    ) throws -> ModelVersion

    /// The model and the project of a version, and the run and the experiment it came from.
    ///
    /// The run leads to the datasets: ``Lineage/datasets``.
    ///
    /// - Throws: `.notFound`.
    func lineage(of id: Identifier<ModelVersion>) throws -> Lineage

    /// The versions whose run used a dataset, by its digest, newest first.
    ///
    /// They are those of the last 10,000 runs that used it.
    func using(datasetDigest digest: String) throws -> [ModelVersion]
}

extension ModelVersionRepository {
    /// Moves a version to a stage as its policy says, and returns it.
    ///
    /// - Throws: As ``ModelVersionRepository/promote(_:to:archivingCurrent:overriding:)``.
    @discardableResult
    public func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage
    ) throws -> ModelVersion {
        try promote(id, to: stage, archivingCurrent: nil, overriding: nil)
    }

    /// Moves a version to a stage and returns it; archives the others there, or leaves them.
    ///
    /// - Throws: As ``ModelVersionRepository/promote(_:to:archivingCurrent:overriding:)``.
    @discardableResult
    public func promote(
        _ id: Identifier<ModelVersion>, to stage: ModelStage, archivingCurrent: Bool
    ) throws -> ModelVersion {
        try promote(id, to: stage, archivingCurrent: archivingCurrent, overriding: nil)
    }

    /// Asks for the promotion of a version; see the call with a note.
    @discardableResult
    public func requestPromotion(
        of id: Identifier<ModelVersion>, to stage: ModelStage
    ) throws -> ModelVersion { try requestPromotion(of: id, to: stage, note: nil) }

    /// Approves the promotion of a version; see the call with a note.
    @discardableResult
    public func approve(
        _ id: Identifier<ModelVersion>, for stage: ModelStage
    ) throws -> ModelVersion { try approve(id, for: stage, note: nil) }

    /// Rejects the promotion of a version; see the call with a note.
    @discardableResult
    public func reject(
        _ id: Identifier<ModelVersion>, for stage: ModelStage
    ) throws -> ModelVersion { try reject(id, for: stage, note: nil) }
}
