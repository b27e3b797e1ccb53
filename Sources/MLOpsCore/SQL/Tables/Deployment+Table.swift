extension Deployment: TableMapped {
    package static let table = Table(
        "deployments",
        columns: [
            "id", "organization_id", "project_id", "model_version_id", "name", "environment",
            "endpoint_url", "status", "instance_type", "min_instances", "max_instances",
            "auto_scaling", "deployment_config", "health_check_path", "deployed_at",
            "terminated_at", "created_by", "created_at", "updated_at", "deleted_at",
            "deletion_id", "revision",
        ],
        fixed: ["project_id", "environment"],
        managed: [
            "model_version_id", "min_instances", "max_instances", "deployed_at", "terminated_at",
        ],
        references: [
            .init("project_id", to: Project.self, onPurge: .cascade),
            .init("model_version_id", to: ModelVersion.self, onPurge: .restrict),
            .init("created_by", to: User.self, onPurge: .restrict),
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        projectID = try row.next()
        modelVersionID = try row.next()
        name = try row.next()
        environment = try row.next()
        endpointURL = try row.next()
        status = try row.next()
        instanceType = try row.next()
        minInstances = try row.next()
        maxInstances = try row.next()
        autoScaling = try row.next()
        deploymentConfig = try row.next()
        healthCheckPath = try row.next()
        deployedAt = try row.next()
        terminatedAt = try row.next()
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
        try row.append(modelVersionID)
        try row.append(name)
        try row.append(environment)
        try row.append(endpointURL)
        try row.append(status)
        try row.append(instanceType)
        try row.append(minInstances)
        try row.append(maxInstances)
        try row.append(autoScaling)
        try row.append(deploymentConfig)
        try row.append(healthCheckPath)
        try row.append(deployedAt)
        try row.append(terminatedAt)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }
}

extension Deployment {
    /// A deployment is terminated by its own method, and stays as it is then.
    package func prepared(
        forInsert: Bool, in transaction: SQLTransaction
    ) throws -> Self {
        try SQLRepository(transaction).validate(self, isInsert: forInsert)
        return self
    }
}
