extension SQLRepository: ProjectRepository where Record == Project {
    func withSlug(_ slug: String) throws -> Project? {
        let name = Slug.normalized(slug)
        return try first { $0.slug == name }
    }

    func named(_ name: String) throws -> Project? {
        // Names need not be unique; this is the oldest project with the name.
        if let found = try first(where: { $0.name == name }) { return found }
        return name == Slug.normalized(name) ? try withSlug(name) : nil
    }

    func findOrCreate(named name: String) throws -> Project {
        // Usually the project exists, and no slug is needed.
        if let found = try named(name) { return found }
        var refusal: (any Error)?
        for slug in Slug.candidates(for: name, of: Project.entityName) {
            do {
                return try transaction.findOrInsert {
                    try named(name)
                } insert: {
                    try insert(Project(name: name, slug: slug))
                }.value
            } catch let error as StoreError where error.code == .alreadyExists {
                refusal = error
            }
        }
        throw refusal ?? StoreError(.invalidValue, "A project needs a name.")
    }

    func ofMember(_ user: Identifier<User>) throws -> [Project] {
        try transaction.allow(.read, on: ProjectMember.self)
        return try select(
            """
            EXISTS (
                SELECT 1 FROM project_members m
                WHERE m.organization_id = projects.organization_id AND m.project_id = projects.id
                    AND m.user_id = \(user) AND m.deleted_at IS NULL)
            ORDER BY slug, id
            """)
    }
}

extension Project: StoredSoftDeletable {
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> Project {
        var project = self
        project.slug = try Slug.checked(slug, of: Self.entityName)
        if source == .caller {
            project.settings = settings.replacing(Self.promotionKey, with: nil)
        }
        return project
    }

    /// Keeps the policies of promotions, which have a call of their own.
    func replacing(_ current: Self) -> Self {
        var project = self
        project.settings = settings.replacing(
            Self.promotionKey, with: current.settings[Self.promotionKey])
        return project
    }

    /// Makes a member the owner of the project that they create.
    ///
    /// Owners and admins of the organization act as owners of every project anyway.
    func finishInsert(from source: InsertSource, in transaction: SQLTransaction) throws {
        guard let authority = try transaction.authority(), authority.role == .member else { return }
        let member = ProjectMember(
            project: id, user: authority.userID, role: .owner, createdAt: transaction.now)
        try transaction.unrestricted.projectMembers.insert(member)
    }
}
