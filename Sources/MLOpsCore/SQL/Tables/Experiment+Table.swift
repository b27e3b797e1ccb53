extension Experiment: TableMapped {
    package static let table = Table(
        "experiments",
        columns: [
            "id", "organization_id", "project_id", "model_id", "name", "description", "status",
            "config", "tags", "started_at", "completed_at", "created_by", "created_at",
            "updated_at", "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["project_id"],
        references: [
            .init("project_id", to: Project.self, onPurge: .cascade),
            .init("model_id", to: Model.self, onPurge: .clear),
            .init("created_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        projectID = try row.next()
        modelID = try row.next()
        name = try row.next()
        description = try row.next()
        status = try row.next()
        config = try row.next()
        tags = try row.nextList()
        startedAt = try row.next()
        completedAt = try row.next()
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
        try row.append(projectID)
        try row.append(modelID)
        try row.append(name)
        try row.append(description)
        try row.append(status)
        try row.append(config)
        try row.append(list: tags)
        try row.append(startedAt)
        try row.append(completedAt)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}
