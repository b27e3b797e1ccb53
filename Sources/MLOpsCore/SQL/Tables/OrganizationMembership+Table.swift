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
    package func finishInsert(in transaction: SQLTransaction) throws {
        guard try transaction.byLibrary.users.findIfExists(userID) == nil else { return }
        throw transaction.refused(
            StoreError(
                .notFound, "There is no user \(userID).", entity: User.entityName,
                field: "user_id"))
    }

    /// What a member was given ends with the membership: who comes back, also by a restoration, is
    /// given it anew.
    package func finishDelete(in transaction: SQLTransaction) throws {
        let (user, organization) = (userID, organizationID)
        let keys = SQLRepository<APIKey>(transaction.byLibrary)
        for key in try keys.all(where: { $0.userID == user && $0.organizationID == organization }) {
            _ = try keys.revoke(key.id)
        }
        let roles = SQLRepository<ProjectMember>(transaction.byLibrary)
        for role in try roles.all(where: { $0.userID == user && $0.organizationID == organization })
        {
            try roles.delete(role.id)
        }
    }

    /// An organization keeps an owner who can act.
    package func checkChange(
        to new: OrganizationMembership?, in transaction: SQLTransaction
    ) throws {
        guard role == .owner, new?.role != .owner else { return }
        // Two owners must not each leave because the other is still there.
        try SQLRepository<Organization>(transaction).lock(organizationID)
        let others = try transaction.integer(
            """
            SELECT count(*) FROM organization_memberships m JOIN users u ON u.id = m.user_id \
            WHERE m.organization_id = \(organizationID) AND m.id <> \(id) \
            AND m.role = \(OrganizationRole.owner) AND m.deleted_at IS NULL \
            AND (m.invited_by IS NULL OR m.joined_at IS NOT NULL) \
            AND u.deleted_at IS NULL AND u.is_active = \(true)
            """)
        guard others > 0 else {
            throw StoreError(
                .conflict,
                "The last owner of an organization stays; make somebody else an owner first.",
                entity: Self.entityName, field: "role")
        }
    }
}
