public import Foundation
public import Logging

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

    /// What API keys are hashed and secrets sealed with.
    var keys: StoreKeys { get }

    /// Where the store reports trouble, also that of the runs it keeps: the logger of its
    /// configuration.
    var logger: Logger { get }

    /// The store's clock.
    var clock: @Sendable () -> Date { get }

    /// Finishes what was begun and closes every connection. The store then throws `.closed`.
    ///
    /// A run that this program still logs keeps its points and ends as failed: nobody could end it
    /// any more.
    func close() async throws
}

/// In which organization a transaction acts, and as whom.
public struct Access: Sendable, Hashable {
    package let organizationID: Identifier<Organization>?
    let actor: Actor?
    /// Where the request came from, for the audit trail.
    var origin: RequestOrigin?
    /// Why every organization may be reached, for the audit trail.
    var reason: String?
    /// Whether the library or the system acts, so that nobody's rights are asked.
    private(set) var isTrusted = false

    /// One organization, by somebody.
    init(
        organizationID: Identifier<Organization>, actor: Actor, origin: RequestOrigin? = nil
    ) {
        self.organizationID = organizationID
        self.actor = actor
        self.origin = origin
    }

    /// The same, by the library's own hand.
    var trusted: Access {
        var access = self
        access.isTrusted = true
        return access
    }

    private init(reason: String) {
        organizationID = nil
        actor = nil
        self.reason = reason
        isTrusted = true
    }

    /// Every organization, by nobody in particular.
    static func system(reason: String) -> Access { Access(reason: reason) }
}

/// Where a request came from, as the audit trail keeps it.
public struct RequestOrigin: Sendable, Hashable {
    /// The address of the client.
    public var ipAddress: String?
    /// The program of the client.
    public var userAgent: String?

    /// Describes a request.
    public init(ipAddress: String? = nil, userAgent: String? = nil) {
        self.ipAddress = ipAddress
        self.userAgent = userAgent
    }
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
        try await transact(writing: false, as: .system(reason: "to open a workspace")) { tx in
            _ = try tx.organizations.find(organization)
            _ = try tx.users.find(actor.userID)
        }
        let workspace = Workspace(store: self, organizationID: organization, actor: actor)
        // Every transaction asks what the actor may do; the first one here, so that a workspace
        // that nobody may use is not handed out.
        try await transact(writing: false, as: workspace.access) { _ in }
        return workspace
    }

    /// The workspace of one person on one machine: on first use it makes a user, an organization
    /// of the slug `local`, and the ownership that joins them.
    public func localWorkspace() async throws -> Workspace {
        let (organization, user) = try await transact(
            writing: true, as: .system(reason: "the local workspace")
        ) { tx in
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
    /// - Parameters:
    ///   - reason: Why; it belongs beside the call, so that a reader can judge it.
    ///   - body: What is done with the access.
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
        try await store.transact(writing: true, as: .system(reason: reason), body)
    }

    /// Runs a body on one snapshot.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: false, as: .system(reason: reason), body)
    }
}
