/// The people who can belong to organizations.
public protocol UserRepository: SoftDeletableRepository where Record == User {
    /// The live user with this address in any spelling of ``EmailAddress``, or `nil`.
    func withEmail(_ email: String) throws -> User?

    /// Keeps a user from acting anywhere, at once, also in workspaces that are open; a second call
    /// changes nothing.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` without system access.
    @discardableResult
    func deactivate(_ id: Identifier<User>) throws -> User

    /// Lets a user act again; a second call changes nothing.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` without system access.
    @discardableResult
    func activate(_ id: Identifier<User>) throws -> User

    /// Forgets a person for good, and keeps a nameless, inactive user of the same id, so that what
    /// they did is still somebody's. A deleted user can be erased too.
    ///
    /// Address, names, picture, settings and password go, their API keys are revoked and their
    /// memberships are deleted.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` without system access; `.conflict` when an
    ///   organization would lose its last owner.
    @discardableResult
    func erase(_ id: Identifier<User>) throws -> User
}
