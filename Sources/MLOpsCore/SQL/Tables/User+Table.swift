extension User: TableMapped {
    package static let table = Table(
        "users",
        columns: [
            "id", "email", "password_hash", "first_name", "last_name", "avatar_url",
            "is_active", "is_superuser", "is_verified", "last_login_at", "settings",
            "created_by", "created_at", "updated_at", "deleted_at", "deletion_id",
            "revision",
        ],
        managed: ["password_hash"],
        references: [.init("created_by", to: User.self, onPurge: .clear)],
        // Whoever reads the trail need not know a person, and a person can be forgotten.
        redacted: [
            "email", "password_hash", "first_name", "last_name", "avatar_url", "settings",
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        email = try row.next()
        let hash = try row.next(String?.self)
        passwordHash = row.hidesSecrets ? nil : hash.map { Secret($0) }
        firstName = try row.next()
        lastName = try row.next()
        avatarURL = try row.next()
        isActive = try row.next()
        isSuperuser = try row.next()
        isVerified = try row.next()
        lastLoginAt = try row.next()
        settings = try row.next()
        createdBy = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        deletionID = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(EmailAddress.checked(email, of: Self.entityName, field: "email"))
        try row.append(passwordHash?.reveal())
        try row.append(firstName)
        try row.append(lastName)
        try row.append(avatarURL)
        try row.append(isActive)
        try row.append(isSuperuser)
        try row.append(isVerified)
        try row.append(lastLoginAt)
        try row.append(settings)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}
