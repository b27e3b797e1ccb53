public import Foundation

/// A key with which a program acts for a user in one organization.
public struct APIKey: TenantOwned, SoftDeletable {
    /// What one row is called in messages.
    public static let entityName = "api key"

    /// The key.
    public package(set) var id: Identifier<APIKey>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The user it acts for.
    public package(set) var userID: Identifier<User>
    /// What it is for.
    public var name: String
    /// The public part, by which it is found; unique.
    public package(set) var keyPrefix: String
    /// The hash of the secret part, which is stored nowhere; unique.
    public package(set) var keyHash: String
    /// What the program may do.
    public package(set) var permissions: APIKeyPermissions
    /// When it was last used; written by the store.
    public package(set) var lastUsedAt: Date?
    /// The end of its validity, or `nil` for none.
    public package(set) var expiresAt: Date? {
        didSet { expiresAt = expiresAt?.roundedToMicroseconds }
    }
    /// When it was revoked, for good; written by ``APIKeyRepository/revoke(_:)``.
    public package(set) var revokedAt: Date?
    /// Whether it is switched on.
    public var isActive: Bool
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that took it.
    public package(set) var deletionID: Identifier<Deletion>?
    /// How often it was written.
    public package(set) var revision: Int

    /// Makes a key that is not stored yet, from the public part and the hash of the secret part.
    public init(
        id: Identifier<APIKey> = Identifier(),
        user: Identifier<User>,
        name: String,
        keyPrefix: String,
        keyHash: String,
        permissions: APIKeyPermissions = APIKeyPermissions(),
        expiresAt: Date? = nil,
        isActive: Bool = true,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        userID = user
        self.name = name
        self.keyPrefix = keyPrefix
        self.keyHash = keyHash
        self.permissions = permissions
        lastUsedAt = nil
        self.expiresAt = expiresAt?.roundedToMicroseconds
        revokedAt = nil
        self.isActive = isActive
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}

extension APIKey {
    /// Whether a program may act with the key at that time: it is switched on, neither revoked nor
    /// deleted, and has not expired.
    public func isUsable(at date: Date) -> Bool {
        guard isActive, revokedAt == nil, deletedAt == nil else { return false }
        return expiresAt.map { date < $0 } ?? true
    }

    /// Whether the time of the last use is to be written again, which is at most once a minute.
    static func isUseDue(_ lastUsedAt: Date?, at date: Date) -> Bool {
        lastUsedAt.map { date.timeIntervalSince($0) >= 60 } ?? true
    }
}
