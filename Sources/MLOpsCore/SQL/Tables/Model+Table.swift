extension Model: TableMapped {
    package static let table = Table(
        "models",
        columns: [
            "id", "organization_id", "project_id", "name", "description", "model_type",
            "task_type", "framework", "tags", "metadata", "created_by", "created_at",
            "updated_at", "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["project_id"],
        references: [
            .init("project_id", to: Project.self, onPurge: .cascade),
            .init("created_by", to: User.self, onPurge: .restrict),
        ],
        quota: "max_models")

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        projectID = try row.next()
        name = try row.next()
        description = try row.next()
        modelType = try row.next()
        taskType = try row.next()
        framework = try row.next()
        tags = try row.nextList()
        metadata = try row.next()
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
        try row.append(name)
        try row.append(description)
        try row.append(modelType)
        try row.append(taskType)
        try row.append(framework)
        try row.append(list: tags)
        try row.append(metadata)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}
