public import MLOpsCore

/// The context of a scenario: an empty store, and the workspace of an owner.
public struct ConformanceContext: Sendable {
    /// The store.
    public var store: any Store { backend }
    let backend: any StoreBackend
    /// The local workspace, whose user owns the organization.
    public let workspace: Workspace

    /// Prepares an empty store.
    public init(_ store: any Store) async throws {
        workspace = try await store.localWorkspace()
        backend = workspace.store
    }
}

extension ConformanceContext {
    /// One row of every entity in the workspace.
    func tree(_ number: Int = 1) async throws -> FixtureTree {
        try await Fixtures.insertTree(into: workspace, number: number)
    }

    /// The workspace of another organization and another user.
    func otherWorkspace(_ number: Int = 2, maxProjects: Int? = nil) async throws -> Workspace {
        let user = try await insertUser(number)
        let organization = try await system {
            try $0.organizations.insert(
                Fixtures.organization(number, maxProjects: maxProjects))
        }
        try await system {
            try $0.scoped(to: organization.id, as: .user(user.id)).memberships
                .insert(Fixtures.membership(number, of: user.id, role: .owner))
        }
        return try await store.workspace(organization: organization.id, as: .user(user.id))
    }

    /// A user who belongs to no organization yet.
    func insertUser(_ number: Int, email: String? = nil) async throws -> User {
        try await system { try $0.users.insert(Fixtures.user(number, email: email)) }
    }

    /// A user who belongs to the workspace's organization.
    func insertMember(_ number: Int, role: OrganizationRole = .member) async throws -> User {
        let user = try await insertUser(number)
        try await workspace.memberships.insert(
            Fixtures.membership(number, of: user.id, role: role))
        return user
    }

    /// Runs a body in a transaction under system access.
    @discardableResult
    func system<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.withSystemAccess(reason: "conformance") { try await $0.write(body) }
    }

    /// Stores rows unchanged, including states and performers, in the workspace's organization.
    @discardableResult
    func history<Record: FixtureEntity>(_ rows: [Record]) async throws -> [Record] {
        let (organization, principal) = (workspace.organizationID, workspace.principal)
        return try await system {
            try $0.scoped(to: organization, as: principal).repository(of: Record.self)
                .insert(history: rows.map { Historical($0) })
        }
    }

    /// Stores one row unchanged.
    @discardableResult
    func history<Record: FixtureEntity>(_ row: Record) async throws -> Record {
        try await history([row])[0]
    }

    /// Runs a body in a write transaction.
    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value { try await workspace.write(body) }

    /// Runs a body in a read transaction.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value { try await workspace.read(body) }
}
