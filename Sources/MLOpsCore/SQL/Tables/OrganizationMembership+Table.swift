extension OrganizationMembership: TableMapped {
    package static let table = Table(
        "organization_memberships",
        columns: [
            "id", "organization_id", "user_id", "role", "invited_by", "joined_at",
            "created_at", "updated_at", "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["user_id", "invited_by"],
        references: [
            .init("user_id", to: User.self, onPurge: .cascade),
            .init("invited_by", to: User.self, onPurge: .restrict),
        ],
        quota: "max_users")

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        userID = try row.next()
        role = try row.next()
        invitedBy = try row.next()
        joinedAt = try row.next()
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
        try row.append(role)
        try row.append(invitedBy)
        try row.append(joinedAt)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }

    /// A workspace sees the user only now that the membership is there.
    package func checkStored(in transaction: SQLTransaction) throws {
        guard try transaction.users.findIfExists(userID) == nil else { return }
        throw transaction.refused(
            StoreError(
                .notFound, "There is no user \(userID).", entity: User.entityName,
                field: "user_id"))
    }
}
