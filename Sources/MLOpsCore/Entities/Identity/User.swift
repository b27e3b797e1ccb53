public import Foundation

/// A person, above all organizations and reached through memberships.
public struct User: SoftDeletable {
    /// What one row is called in messages.
    public static let entityName = "user"

    /// The key.
    public package(set) var id: Identifier<User>
    /// The address, unique among users; kept in the form of ``EmailAddress``.
    public var email: String {
        didSet { email = EmailAddress.normalized(email) }
    }
    /// The hash of the password; `nil` when there is none to sign in with, and in a workspace.
    ///
    /// It is neither encoded nor written with the user: ``Store/setPassword(_:for:)`` does that.
    package internal(set) var passwordHash: Secret<String>?
    /// Whether there is a password to sign in with; always false in a workspace.
    public var hasPassword: Bool { passwordHash != nil }
    /// The given name; may be empty.
    public var firstName: String
    /// The family name; may be empty.
    public var lastName: String
    /// The address of a picture.
    public var avatarURL: String?
    /// Whether the user may act at all.
    public var isActive: Bool
    /// Whether the user may use system access.
    public var isSuperuser: Bool
    /// Whether the address is confirmed.
    public var isVerified: Bool
    /// When the user last logged in.
    public var lastLoginAt: Date? {
        didSet { lastLoginAt = lastLoginAt?.roundedToMicroseconds }
    }
    /// Preferences, as a JSON object.
    public var settings: JSONValue
    /// Who made the user, or `nil` for the first one.
    public package(set) var createdBy: Identifier<User>?
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

    /// Makes a user that is not stored yet.
    public init(
        id: Identifier<User> = Identifier(),
        email: String,
        firstName: String = "",
        lastName: String = "",
        avatarURL: String? = nil,
        isActive: Bool = true,
        isSuperuser: Bool = false,
        isVerified: Bool = false,
        lastLoginAt: Date? = nil,
        settings: JSONValue = [:],
        createdBy: Identifier<User>? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        self.email = EmailAddress.normalized(email)
        self.firstName = firstName
        self.lastName = lastName
        self.avatarURL = avatarURL
        self.isActive = isActive
        self.isSuperuser = isSuperuser
        self.isVerified = isVerified
        self.lastLoginAt = lastLoginAt?.roundedToMicroseconds
        self.settings = settings
        self.createdBy = createdBy
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }

    private enum CodingKeys: String, CodingKey {
        case id, email, firstName, lastName, avatarURL, isActive, isSuperuser, isVerified
        case lastLoginAt, settings, createdBy, createdAt, updatedAt, deletedAt, deletionID
        case revision
    }
}
