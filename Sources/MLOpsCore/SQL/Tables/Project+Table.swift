extension Project: TableMapped {
    package static let table = Table(
        "projects",
        columns: [
            "id", "organization_id", "name", "slug", "description", "visibility",
            "is_active", "settings", "created_by", "created_at", "updated_at",
            "deleted_at", "deletion_id", "revision",
        ],
        references: [.init("created_by", to: User.self, onPurge: .restrict)],
        quota: "max_projects")

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        name = try row.next()
        slug = try row.next()
        description = try row.next()
        visibility = try row.next()
        isActive = try row.next()
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
        try row.append(organizationID)
        try row.append(name)
        try row.append(Slug.checked(slug, of: Self.entityName))
        try row.append(description)
        try row.append(visibility)
        try row.append(isActive)
        try row.append(settings)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }

    /// A member who makes a project owns it; to owners and admins it is open anyway.
    package func finishInsert(in transaction: SQLTransaction) throws {
        guard let authority = try transaction.authority(), authority.role == .member else { return }
        try transaction.byLibrary.projectMembers.insert(
            ProjectMember(
                project: id, user: authority.userID, role: .owner, addedBy: authority.userID,
                createdAt: transaction.now))
    }
}
