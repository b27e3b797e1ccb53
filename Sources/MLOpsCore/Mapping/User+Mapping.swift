public import Foundation

extension User {
    /// The columns of `users`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = User
        /// The email address.
        public let email = Column<User, String>("email", holdsNames: true)
        /// The hash of the password.
        package let passwordHash = SecretColumn<User>(name: "password_hash")
        /// The given name.
        public let firstName = Column<User, String>("first_name")
        /// The family name.
        public let lastName = Column<User, String>("last_name")
        /// The URL of a picture.
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
    }

    /// The columns of `users`.
    public static let columns = Columns()
}

extension User: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "users", resource: "user",
        tenancy: .memberOfOrganization, project: .person(columns.id),
        managed: [columns.passwordHash],
        redacted: [
            columns.email, columns.passwordHash, columns.firstName, columns.lastName,
            columns.avatarURL, columns.settings,
        ],
        references: [
            Reference(columns.createdBy, onPurge: .clear)
        ])

    package static let blank = User(email: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.email, &email)
        try row.secret(Self.columns.passwordHash, &passwordHash)
        try row.column(Self.columns.firstName, &firstName)
        try row.column(Self.columns.lastName, &lastName)
        try row.column(Self.columns.avatarURL, &avatarURL)
        try row.column(Self.columns.isActive, &isActive)
        try row.column(Self.columns.isSuperuser, &isSuperuser)
        try row.column(Self.columns.isVerified, &isVerified)
        try row.column(Self.columns.lastLoginAt, &lastLoginAt)
        try row.column(Self.columns.settings, &settings)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }
}
