public import Foundation

/// A key that lets a program act for a user in one organization.
public struct APIKey: TenantOwned, SoftDeletable {
    /// The name of a row in messages.
    public static let entityName = "api key"

    /// The key.
    public package(set) var id: Identifier<APIKey>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The user it acts for.
    public package(set) var userID: Identifier<User>
    /// Its name, for people.
    public var name: String
    /// The public part, which identifies the key; unique.
    public package(set) var keyPrefix: String
    /// The hash of the secret part, which itself is not stored; unique.
    public package(set) var keyHash: String
    /// The permissions of the key.
    public package(set) var permissions: APIKeyPermissions
    /// When it was last used; written by the store.
    public package(set) var lastUsedAt: Date?
    /// When it expires; `nil` for never.
    public package(set) var expiresAt: Date? {
        didSet { expiresAt = expiresAt?.roundedToMicroseconds }
    }
    /// When it was permanently revoked; written by ``APIKeyRepository/revoke(_:)``.
    public package(set) var revokedAt: Date?
    /// The key with which it was issued, and with which it falls; `nil` if a person issued it.
    public package(set) var issuerKeyID: Identifier<APIKey>?
    /// What its maker could do when it was made; the key never does more.
    public package(set) var limits: APIKeyLimits = .none
    /// Whether it is switched on.
    public var isActive: Bool
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that it was part of.
    public package(set) var deletionID: Identifier<Deletion>?
    /// The revision: 1 after the insert, one more after each change.
    public package(set) var revision: Int = 1

    /// Makes a key that is not stored yet.
    ///
    /// An insert gives it a public part and a hash that no text opens, so that it serves nobody
    /// before ``Workspace/rotateAPIKey(_:overlap:)``. `Workspace.issueAPIKey` makes a key with its
    /// text. Only `insert(history:)` takes `keyPrefix` and `keyHash`.
    public init(
        id: Identifier<APIKey> = Identifier(),
        user: Identifier<User>,
        name: String,
        keyPrefix: String = "",
        keyHash: String = "",
        permissions: APIKeyPermissions = APIKeyPermissions(),
        expiresAt: Date? = nil,
        isActive: Bool = true,
        createdAt: Date = .now
    ) {
        self.id = id
        userID = user
        self.name = name
        self.keyPrefix = keyPrefix
        self.keyHash = keyHash
        self.permissions = permissions
        self.expiresAt = expiresAt?.roundedToMicroseconds
        self.isActive = isActive
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

extension APIKey {
    /// Whether a program may act with the key at a time.
    ///
    /// The key must be switched on, neither revoked nor deleted, and not expired.
    public func isUsable(at date: Date) -> Bool {
        guard isActive, revokedAt == nil, deletedAt == nil else { return false }
        return expiresAt.map { date < $0 } ?? true
    }

    /// Whether the time of last use should be updated: at most once a minute.
    static func isUseDue(_ lastUsedAt: Date?, at date: Date) -> Bool {
        lastUsedAt.map { date.timeIntervalSince($0) >= 60 } ?? true
    }
}
