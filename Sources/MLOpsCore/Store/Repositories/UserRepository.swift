/// The people who can belong to organizations.
public protocol UserRepository: SoftDeletableRepository where Record == User {
    /// The live user with this address in any spelling of ``EmailAddress``, or `nil`.
    func withEmail(_ email: String) throws -> User?

    /// Keeps a user from acting anywhere, at once, also in workspaces that are open; a second call
    /// changes nothing.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` without system access; `.conflict` for the last
    ///   owner of an organization.
    @discardableResult
    func deactivate(_ id: Identifier<User>) throws -> User

    /// Lets a user act again; a second call changes nothing.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` without system access.
    @discardableResult
    func activate(_ id: Identifier<User>) throws -> User

    /// Erases the personal data of a user for good; a deleted user can be erased too.
    ///
    /// An inactive user without a name stays under the same id, so that references to it remain
    /// valid. Address, names, picture, settings and password are removed. The API keys are revoked
    /// and the memberships are deleted. ``Store/scrub()`` removes what the files still hold.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` without system access; `.conflict` when an
    ///   organization would lose its last owner.
    @discardableResult
    func erase(_ id: Identifier<User>) throws -> User
}
