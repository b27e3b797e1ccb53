/// The tenants.
public protocol OrganizationRepository: SoftDeletableRepository where Record == Organization {
    /// The live organization with this slug in any spelling of ``Slug``, or `nil`.
    func withSlug(_ slug: String) throws -> Organization?
}
