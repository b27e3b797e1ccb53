extension ProjectMember: TableMapped {
    package static let table = Table(
        "project_members",
        columns: [
            "id", "organization_id", "project_id", "user_id", "role", "added_by",
            "created_at", "updated_at", "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["project_id", "user_id", "added_by"],
        actor: ["added_by"],
        references: [
            .init("project_id", to: Project.self, onPurge: .cascade),
            .init("user_id", to: User.self, onPurge: .cascade, isMember: true),
            .init("added_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        projectID = try row.next()
        userID = try row.next()
        role = try row.next()
        addedBy = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        deletionID = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(projectID)
        try row.append(userID)
        try row.append(role)
        try row.append(addedBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}
