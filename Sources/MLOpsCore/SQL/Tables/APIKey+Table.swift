extension APIKey: TableMapped {
    package static let table = Table(
        "api_keys",
        columns: [
            "id", "organization_id", "user_id", "name", "key_prefix", "key_hash",
            "permissions", "last_used_at", "expires_at", "revoked_at", "is_active",
            "created_at", "updated_at", "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["user_id", "key_prefix", "key_hash"],
        managed: ["last_used_at", "revoked_at"],
        references: [.init("user_id", to: User.self, onPurge: .cascade, isMember: true)],
        redacted: ["key_hash"])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        userID = try row.next()
        name = try row.next()
        keyPrefix = try row.next()
        keyHash = try row.next()
        permissions = try row.nextJSON()
        lastUsedAt = try row.next()
        expiresAt = try row.next()
        revokedAt = try row.next()
        isActive = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        deletionID = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(userID)
        try row.append(name)
        try row.append(keyPrefix)
        try row.append(keyHash)
        try row.append(json: permissions)
        try row.append(lastUsedAt)
        try row.append(expiresAt)
        try row.append(revokedAt)
        try row.append(isActive)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }

    /// A key gives nobody more than they have: not to the one who makes it, by a user above them or
    /// by a key that is limited.
    package func prepared(forInsert: Bool, in transaction: SQLTransaction) throws -> APIKey {
        try permissions.checkScopes()
        guard let authority = try transaction.authority() else { return self }
        if let limits = authority.key, !permissions.isWithin(limits) {
            throw StoreError(
                .permissionDenied, "A key cannot give another one more than it holds itself.",
                entity: Self.entityName, field: "permissions")
        }
        guard forInsert, userID != authority.userID, authority.role < .owner else { return self }
        let membership = try transaction.byLibrary.memberships.membership(of: userID)
        guard membership?.role != .owner else {
            throw StoreError(
                .permissionDenied, "Only owners make keys that act for an owner.",
                entity: Self.entityName, field: "user_id")
        }
        return self
    }
}
