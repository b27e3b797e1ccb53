public import Foundation

/// The keys of programs.
public protocol APIKeyRepository: SoftDeletableRepository where Record == APIKey {
    /// The live key with this public part, or `nil`; it may be revoked or expired.
    func withPrefix(_ prefix: String) throws -> APIKey?

    /// The live keys of a user, oldest first, the revoked and expired included.
    func of(user: Identifier<User>) throws -> [APIKey]

    /// Ends a key's validity for good and returns the key; a second call changes nothing.
    ///
    /// - Throws: `.notFound`.
    @discardableResult
    func revoke(_ id: Identifier<APIKey>) throws -> APIKey
}

extension APIKey {
    /// The columns of `api_keys`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<APIKey, Identifier<APIKey>>("id")
        /// The organization; filled in on insert.
        public let organizationID = Column<APIKey, Identifier<Organization>>("organization_id")
        /// The user it acts for.
        public let userID = Column<APIKey, Identifier<User>>("user_id")
        /// The name.
        public let name = Column<APIKey, String>("name")
        /// The public part.
        public let keyPrefix = Column<APIKey, String>("key_prefix")
        /// The hash of the secret part.
        public let keyHash = Column<APIKey, String>("key_hash")
        /// What the program may do.
        public let permissions = JSONColumn<APIKey>("permissions")
        /// When it was last used.
        public let lastUsedAt = Column<APIKey, Date?>("last_used_at")
        /// The end of its validity.
        public let expiresAt = Column<APIKey, Date?>("expires_at")
        /// When it was revoked.
        public let revokedAt = Column<APIKey, Date?>("revoked_at")
        /// Whether it is switched on.
        public let isActive = Column<APIKey, Bool>("is_active")
        /// When it was made.
        public let createdAt = Column<APIKey, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<APIKey, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<APIKey, Date?>("deleted_at")
        /// How often it was written.
        public let revision = Column<APIKey, Int>("revision")
    }

    /// The columns of `api_keys`.
    public static let columns = Columns()
}
