extension SQLRepository: OrganizationRepository where Record == Organization {
    func withSlug(_ slug: String) throws -> Organization? {
        let name = Slug.normalized(slug)
        return try first { $0.slug == name }
    }
}
