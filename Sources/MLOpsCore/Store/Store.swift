public import Foundation

/// A database of the 19 tables, whatever it is stored in.
///
/// Rows are reached through a ``Workspace``, which is one organization seen by one actor. What
/// crosses organizations needs ``withSystemAccess(reason:_:)``.
public protocol Store: Sendable {
    /// Runs a body in one transaction. Use ``Workspace/write(_:)`` and ``Workspace/read(_:)``: the
    /// access cannot be made outside the library.
    func transact<Value: Sendable>(
        writing: Bool, as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value

    /// Runs a body in one write transaction from synchronous code, and reports on a thread of the
    /// store. Work submitted one after another is done in that order.
    func submit(
        as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Void,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void)

    /// Where artifacts are kept.
    var artifacts: ArtifactStore { get }

    /// The store's clock.
    var clock: @Sendable () -> Date { get }

    /// Finishes what was begun and closes every connection. The store then throws `.closed`.
    func close() async throws
}

/// In which organization a transaction acts, and as whom.
public struct Access: Sendable, Hashable {
    package let organizationID: Identifier<Organization>?
    let actor: Actor?

    /// One organization, by somebody.
    init(organizationID: Identifier<Organization>, actor: Actor) {
        self.organizationID = organizationID
        self.actor = actor
    }

    private init() {
        organizationID = nil
        actor = nil
    }

    /// Every organization, by nobody in particular.
    static let system = Access()
}

extension Store {
    /// Opens the workspace of an organization for somebody who belongs to it.
    ///
    /// - Throws: `.notFound` when the organization does not exist; `.permissionDenied` when the
    ///   organization or the user is inactive, the user is no member, or the API key is not theirs,
    ///   switched off, revoked or expired.
    public func workspace(
        organization: Identifier<Organization>, as actor: Actor
    ) async throws -> Workspace {
        try await transact(writing: false, as: .system) { [clock] tx in
            let found = try tx.organizations.find(organization)
            let user = try tx.users.find(actor.userID)
            let view = try tx.scoped(to: organization, as: actor)
            guard found.isActive, found.subscriptionStatus != .suspended else {
                throw StoreError(.permissionDenied, "The organization is not active.")
            }
            guard user.isActive, try view.memberships.membership(of: user.id) != nil else {
                throw StoreError(
                    .permissionDenied, "The user is not an active member of the organization.")
            }
            if case .apiKey(let id, _) = actor {
                let key = try view.apiKeys.findIfExists(id)
                guard let key, key.userID == user.id, key.isUsable(at: clock()) else {
                    throw StoreError(
                        .permissionDenied, "The API key is not one that the user can act with.")
                }
            }
        }
        return Workspace(store: self, organizationID: organization, actor: actor)
    }

    /// The workspace of one person on one machine: on first use it makes a user, an organization
    /// of the slug `local`, and the ownership that joins them.
    public func localWorkspace() async throws -> Workspace {
        let (organization, user) = try await transact(writing: true, as: .system) { tx in
            let user = try tx.findOrInsert {
                try tx.users.withEmail(LocalWorkspace.email)
            } insert: {
                try tx.users.insert(
                    User(email: LocalWorkspace.email, firstName: NSUserName(), lastName: ""))
            }.value
            let (organization, isNew) = try tx.findOrInsert {
                try tx.organizations.withSlug(LocalWorkspace.slug)
            } insert: {
                try tx.organizations.insert(
                    Organization(name: "Local", slug: LocalWorkspace.slug))
            }
            if isNew {
                try tx.scoped(to: organization.id, as: .user(user.id)).memberships.insert(
                    OrganizationMembership(user: user.id, role: .owner, joinedAt: .now))
            }
            return (organization.id, user.id)
        }
        return Workspace(store: self, organizationID: organization, actor: .user(user))
    }

    /// Grants access to every organization: to make users and organizations, and for maintenance.
    ///
    /// - Parameter reason: Why; it belongs beside the call, so that a reader can judge it.
    public func withSystemAccess<Value>(
        reason: String, _ body: (SystemAccess) async throws -> Value
    ) async throws -> Value {
        try await body(SystemAccess(store: self, reason: reason))
    }
}

private enum LocalWorkspace {
    static let email = "local@localhost"
    static let slug = "local"
}

/// Access to every organization of a store.
public struct SystemAccess: Sendable {
    /// The store.
    public let store: any Store
    /// Why it was granted.
    public let reason: String

    /// Runs a body in one transaction that may write.
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: true, as: .system, body)
    }

    /// Runs a body on one snapshot.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: false, as: .system, body)
    }
}
