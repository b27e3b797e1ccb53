public import Foundation

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

extension User {
    /// The columns of `users`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<User, Identifier<User>>("id")
        /// The address.
        public let email = Column<User, String>("email")
        /// The given name.
        public let firstName = Column<User, String>("first_name")
        /// The family name.
        public let lastName = Column<User, String>("last_name")
        /// The address of a picture.
        public let avatarURL = Column<User, String?>("avatar_url")
        /// Whether the user may act at all.
        public let isActive = Column<User, Bool>("is_active")
        /// Whether the user may use system access.
        public let isSuperuser = Column<User, Bool>("is_superuser")
        /// Whether the address is confirmed.
        public let isVerified = Column<User, Bool>("is_verified")
        /// When the user last logged in.
        public let lastLoginAt = Column<User, Date?>("last_login_at")
        /// The settings.
        public let settings = JSONColumn<User>("settings")
        /// Who made the user.
        public let createdBy = Column<User, Identifier<User>?>("created_by")
        /// When it was made.
        public let createdAt = Column<User, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<User, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<User, Date?>("deleted_at")
        /// How often it was written.
        public let revision = Column<User, Int>("revision")
    }

    /// The columns of `users`.
    public static let columns = Columns()
}
