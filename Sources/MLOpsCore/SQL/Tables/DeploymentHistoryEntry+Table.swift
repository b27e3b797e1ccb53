extension DeploymentHistoryEntry: TableMapped {
    package static let table = Table(
        "deployment_history",
        columns: [
            "id", "organization_id", "deployment_id", "model_version_id",
            "previous_model_version_id", "action", "status", "reason", "error_message",
            "performed_by", "started_at", "completed_at", "created_at",
        ],
        actor: ["performed_by"],
        references: [
            .init("deployment_id", to: Deployment.self, onPurge: .cascade),
            .init("model_version_id", to: ModelVersion.self, onPurge: .restrict),
            .init("previous_model_version_id", to: ModelVersion.self, onPurge: .restrict),
            .init("performed_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        deploymentID = try row.next()
        modelVersionID = try row.next()
        previousModelVersionID = try row.next()
        action = try row.next()
        status = try row.next()
        reason = try row.next()
        errorMessage = try row.next()
        performedBy = try row.next()
        startedAt = try row.next()
        completedAt = try row.next()
        createdAt = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(deploymentID)
        try row.append(modelVersionID)
        try row.append(previousModelVersionID)
        try row.append(action)
        try row.append(status)
        try row.append(reason)
        try row.append(errorMessage)
        try row.append(performedBy)
        try row.append(startedAt)
        try row.append(completedAt)
        try row.append(createdAt)
    }
}
