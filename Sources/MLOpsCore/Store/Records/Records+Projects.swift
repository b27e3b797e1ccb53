extension Records where Record == Project {
    /// See ``ProjectRepository/withSlug(_:)``.
    public func withSlug(_ slug: String) async throws -> Project? {
        try await workspace.read { try $0.projects.withSlug(slug) }
    }

    /// See ``ProjectRepository/named(_:)``.
    public func named(_ name: String) async throws -> Project? {
        try await workspace.read { try $0.projects.named(name) }
    }

    /// See ``ProjectRepository/findOrCreate(named:)``.
    @discardableResult
    public func findOrCreate(named name: String) async throws -> Project {
        try await workspace.write { try $0.projects.findOrCreate(named: name) }
    }

    /// See ``ProjectRepository/ofMember(_:)``.
    public func ofMember(_ user: Identifier<User>) async throws -> [Project] {
        try await workspace.read { try $0.projects.ofMember(user) }
    }

    /// See ``ProjectRepository/setPromotionPolicy(_:for:of:)``.
    @discardableResult
    public func setPromotionPolicy(
        _ policy: PromotionPolicy?, for stage: ModelStage, of id: Identifier<Project>
    ) async throws -> Project {
        try await workspace.write { try $0.projects.setPromotionPolicy(policy, for: stage, of: id) }
    }
}

extension Records where Record == ProjectMember {
    /// See ``ProjectMemberRepository/membership(of:in:)``.
    public func membership(
        of user: Identifier<User>, in project: Identifier<Project>
    ) async throws -> ProjectMember? {
        try await workspace.read { try $0.projectMembers.membership(of: user, in: project) }
    }

    /// See ``ProjectMemberRepository/members(of:)``.
    public func members(of project: Identifier<Project>) async throws -> [ProjectMembership] {
        try await workspace.read { try $0.projectMembers.members(of: project) }
    }
}
