extension SQLRepository: ProjectRepository where Record == Project {
    func withSlug(_ slug: String) throws -> Project? {
        let name = Slug.normalized(slug)
        return try first { $0.slug == name }
    }

    func ofMember(_ user: Identifier<User>) throws -> [Project] {
        try select(
            """
            EXISTS (
                SELECT 1 FROM project_members m
                WHERE m.organization_id = projects.organization_id AND m.project_id = projects.id
                    AND m.user_id = \(user) AND m.deleted_at IS NULL)
            ORDER BY slug, id
            """)
    }
}
