public import Foundation

/// A person; memberships connect users to organizations.
public struct User: SoftDeletable {
    /// The name of a row in messages.
    public static let entityName = "user"

    /// The key.
    public package(set) var id: Identifier<User>
    /// The address, unique among users; kept in the form of ``EmailAddress``.
    public var email: String {
        didSet { email = EmailAddress.normalized(email) }
    }
    /// The hash of the password; `nil` without a password, and always in a workspace.
    ///
    /// It is neither encoded nor written with the user; use ``Store/setPassword(_:for:)``.
    package internal(set) var passwordHash: Secret<String>?
    /// Whether the user has a password; always false in a workspace.
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
    /// When the user last signed in.
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
    /// The deletion that it was part of.
    public package(set) var deletionID: Identifier<Deletion>?
    /// The revision: 1 after the insert, one more after each change.
    public package(set) var revision: Int = 1

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
    }

    private enum CodingKeys: String, CodingKey {
        case id, email, firstName, lastName, avatarURL, isActive, isSuperuser, isVerified
        case lastLoginAt, settings, createdBy, createdAt, updatedAt, deletedAt, deletionID
        case revision
    }
}
