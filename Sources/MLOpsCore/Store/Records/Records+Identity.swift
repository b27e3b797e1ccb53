extension Records where Record == User {
    /// See ``UserRepository/withEmail(_:)``.
    public func withEmail(_ email: String) async throws -> User? {
        try await workspace.read { try $0.users.withEmail(email) }
    }

    /// See ``UserRepository/deactivate(_:)``.
    @discardableResult
    public func deactivate(_ id: Identifier<User>) async throws -> User {
        try await workspace.write { try $0.users.deactivate(id) }
    }

    /// See ``UserRepository/activate(_:)``.
    @discardableResult
    public func activate(_ id: Identifier<User>) async throws -> User {
        try await workspace.write { try $0.users.activate(id) }
    }

    /// See ``UserRepository/erase(_:)``.
    @discardableResult
    public func erase(_ id: Identifier<User>) async throws -> User {
        try await workspace.write { try $0.users.erase(id) }
    }
}

extension Records where Record == Organization {
    /// See ``OrganizationRepository/withSlug(_:)``.
    public func withSlug(_ slug: String) async throws -> Organization? {
        try await workspace.read { try $0.organizations.withSlug(slug) }
    }
}

extension Records where Record == OrganizationMembership {
    /// See ``OrganizationMembershipRepository/membership(of:)``.
    public func membership(of user: Identifier<User>) async throws -> OrganizationMembership? {
        try await workspace.read { try $0.memberships.membership(of: user) }
    }

    /// See ``OrganizationMembershipRepository/members()``.
    public func members() async throws -> [OrganizationMember] {
        try await workspace.read { try $0.memberships.members() }
    }

    /// See ``OrganizationMembershipRepository/of(user:)``.
    public func of(user: Identifier<User>) async throws -> [OrganizationMembership] {
        try await workspace.read { try $0.memberships.of(user: user) }
    }

    /// See ``OrganizationMembershipRepository/changeRole(of:to:)``.
    @discardableResult
    public func changeRole(
        of user: Identifier<User>, to role: OrganizationRole
    ) async throws -> OrganizationMembership {
        try await workspace.write { try $0.memberships.changeRole(of: user, to: role) }
    }

    /// See ``OrganizationMembershipRepository/accept()``.
    @discardableResult
    public func accept() async throws -> OrganizationMembership {
        try await workspace.write { try $0.memberships.accept() }
    }

    /// See ``OrganizationMembershipRepository/leave()``.
    @discardableResult
    public func leave() async throws -> Deletion {
        try await workspace.write { try $0.memberships.leave() }
    }
}
