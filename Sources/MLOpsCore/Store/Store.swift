public import Foundation

/// A database of the 19 tables, whatever it is stored in.
///
/// Rows are reached through a ``Workspace``, which is one organization seen by one principal. What
/// crosses organizations needs ``withSystemAccess(reason:_:)``. The library's own stores are the
/// only ones.
public protocol Store: Sendable {
    /// Where artifacts are kept.
    var artifacts: ArtifactStore { get }

    /// The store's clock.
    var clock: @Sendable () -> Date { get }

    /// Grants access to every organization: to make users and organizations, and for maintenance.
    ///
    /// - Parameters:
    ///   - reason: Why; it belongs beside the call, so that a reader can judge it.
    ///   - body: What is done with the access.
    func withSystemAccess<Value>(
        reason: String, _ body: (SystemAccess) async throws -> Value
    ) async throws -> Value

    /// The migrations of the library and which of them are applied.
    func migrationStatus() async throws -> [MigrationStatus]

    /// Applies pending migrations; returns their versions.
    ///
    /// Programs that start together do it once: each migration runs under a lock of the database.
    func migrate() async throws -> [Int]

    /// Takes migrations back, newest first, down to a version; their tables and rows are lost.
    ///
    /// - Returns: The versions taken back.
    /// - Throws: `.invalidValue` for a version that does not exist.
    func revertMigrations(to version: Int) async throws -> [Int]

    /// The rows that ``revertMigrations(to:)`` would take, by table; tables without any are left
    /// out.
    ///
    /// - Throws: `.permissionDenied` when the store has no role that sees every organization.
    func rowsLost(revertingTo version: Int) async throws -> [String: Int]

    /// Compares every table, column, index, constraint and trigger with what the migrations
    /// produce; on SQLite it also checks the pages and the foreign keys.
    ///
    /// It reads while others read and write. On PostgreSQL the role has to be allowed to create a
    /// schema, which is not kept.
    func verify() async throws -> VerificationReport

    /// Removes from the database's files what was deleted, erased or replaced, for good.
    ///
    /// A database keeps old contents in free space and in its log. Call it after
    /// ``UserRepository/erase(_:)``, a purge of secrets, or a rotation with
    /// ``SystemAccess/rotateSecrets(batch:progress:)``.
    /// On SQLite it rewrites the file, which takes as much space again, and empties the log; on
    /// PostgreSQL it vacuums.
    ///
    /// - Returns: What may still hold it: the call cannot reach backups, for example.
    /// - Throws: `.busy` while another program writes; `.diskFull`.
    func scrub() async throws -> ScrubReport

    /// Waits for the work under way and closes every connection; a second call does nothing. Other
    /// calls then throw `.closed`.
    ///
    /// A run that this program still logs keeps its points and ends as failed, because no later
    /// call could end it.
    func close() async throws
}

extension Store {
    /// Opens the workspace of an organization for somebody who belongs to it.
    ///
    /// - Throws: `.notFound` when the organization does not exist; `.permissionDenied` when the
    ///   organization or the user is inactive, the user is no member, or the API key is not theirs,
    ///   switched off, revoked or expired.
    public func workspace(
        organization: Identifier<Organization>, as principal: Principal
    ) async throws -> Workspace {
        try await withSystemAccess(reason: "to open a workspace") { access in
            try await access.read { tx in
                _ = try tx.organizations.find(organization)
                _ = try tx.users.find(principal.userID)
            }
            let workspace = access.workspace(organization, as: principal)
            // Every transaction reads the rights anew. This first one fails for a principal without
            // any.
            try await workspace.read { _ in }
            return workspace
        }
    }

    /// The workspace of one person on one machine: on first use it makes a user, an organization
    /// of the slug `local`, and the ownership that joins them.
    public func localWorkspace() async throws -> Workspace {
        let now = clock()
        return try await withSystemAccess(reason: "the local workspace") { access in
            // Usually they exist, also in a store that may only be read.
            let existing = try await access.read { tx in
                (
                    try tx.organizations.withSlug(LocalWorkspace.slug)?.id,
                    try tx.users.withEmail(LocalWorkspace.email)?.id
                )
            }
            if let organization = existing.0, let user = existing.1 {
                return access.workspace(organization, as: .user(user))
            }
            let (organization, user) = try await access.write { tx in
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
                        OrganizationMembership(user: user.id, role: .owner, joinedAt: now))
                }
                return (organization.id, user.id)
            }
            return access.workspace(organization, as: .user(user))
        }
    }

}

private enum LocalWorkspace {
    static let email = "local@localhost"
    static let slug = "local"
}
