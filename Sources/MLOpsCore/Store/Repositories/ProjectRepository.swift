/// The projects of an organization.
public protocol ProjectRepository: SoftDeletableRepository where Record == Project {
    /// The live project with this slug in any spelling of ``Slug``, or `nil`.
    func withSlug(_ slug: String) throws -> Project?

    /// The live projects that a user is a member of, ordered by slug.
    func ofMember(_ user: Identifier<User>) throws -> [Project]
}
