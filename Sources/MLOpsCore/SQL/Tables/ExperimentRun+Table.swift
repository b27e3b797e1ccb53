extension ExperimentRun: TableMapped {
    package static let table = Table(
        "experiment_runs",
        columns: [
            "id", "organization_id", "experiment_id", "parent_run_id", "run_name", "status",
            "parameters", "metrics", "artifacts", "tags", "environment", "logs", "error_message",
            "heartbeat_at", "started_at", "completed_at", "duration_seconds", "created_by",
            "created_at", "updated_at", "deleted_at", "deletion_id", "revision",
        ],
        fixed: ["experiment_id"],
        managed: ["metrics", "artifacts", "heartbeat_at"],
        references: [
            .init("experiment_id", to: Experiment.self, onPurge: .cascade),
            .init("parent_run_id", to: ExperimentRun.self, onPurge: .cascade),
            .init("created_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        experimentID = try row.next()
        parentRunID = try row.next()
        runName = try row.next()
        status = try row.next()
        parameters = try row.next()
        metrics = try row.nextJSON()
        artifacts = try row.nextJSON()
        tags = try row.nextStrings()
        environment = try row.next()
        logs = try row.next()
        errorMessage = try row.next()
        heartbeatAt = try row.next()
        startedAt = try row.next()
        completedAt = try row.next()
        durationSeconds = try row.next()
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
        try row.append(experimentID)
        try row.append(parentRunID)
        try row.append(runName)
        try row.append(status)
        try row.append(parameters)
        try row.append(json: metrics)
        try row.append(json: artifacts)
        try row.append(strings: tags)
        try row.append(environment)
        try row.append(logs)
        try row.append(errorMessage)
        try row.append(heartbeatAt)
        try row.append(startedAt)
        try row.append(completedAt)
        try row.append(durationSeconds)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}

extension ExperimentRun {
    /// A run is not its own ancestor.
    package func prepared(
        forInsert: Bool, in transaction: SQLTransaction
    ) throws -> Self {
        try SQLRepository(transaction).validate(self, isInsert: forInsert)
        return self
    }
}
