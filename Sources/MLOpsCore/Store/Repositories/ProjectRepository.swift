/// The projects of an organization.
public protocol ProjectRepository: SoftDeletableRepository where Record == Project {
    /// The live project with this slug in any spelling of ``Slug``, or `nil`.
    func withSlug(_ slug: String) throws -> Project?

    /// The live project of this name, the oldest of several, or else the one with this slug.
    func named(_ name: String) throws -> Project?

    /// The project that `named` finds, or else a new one.
    ///
    /// Another program may make one at the same time: both get the same. The name may be in any
    /// script. If no slug can be made from it, or another project has that slug, the new project's
    /// slug ends with a hash of the name.
    ///
    /// - Throws: What ``Repository/insert(_:)`` throws.
    @discardableResult
    func findOrCreate(named name: String) throws -> Project

    /// The live projects that a user is a member of, ordered by slug.
    func ofMember(_ user: Identifier<User>) throws -> [Project]

    /// Sets what versions have to show before they enter a stage of a model that has no policy of
    /// its own for it, and returns the project.
    ///
    /// The policies are in `settings` under `promotion`, where only this call writes.
    ///
    /// Without a policy every version may enter.
    ///
    /// - Throws: `.permissionDenied` unless the principal owns the project; `.invalidValue` for a
    ///   policy that nothing can meet; `.notFound`.
    @discardableResult
    func setPromotionPolicy(
        _ policy: PromotionPolicy?, for stage: ModelStage, of id: Identifier<Project>
    ) throws -> Project
}
