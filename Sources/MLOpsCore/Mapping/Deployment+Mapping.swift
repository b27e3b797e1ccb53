public import Foundation

extension Deployment {
    /// The columns of `deployments`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = Deployment
        /// The project.
        public let projectID = Column<Deployment, Identifier<Project>>("project_id")
        /// The model version that serves.
        public let modelVersionID = Column<Deployment, Identifier<ModelVersion>>("model_version_id")
        /// The name.
        public let name = Column<Deployment, String>("name", holdsNames: true)
        /// The environment it serves in.
        public let environment = Column<Deployment, DeploymentEnvironment>("environment")
        /// The address of the service.
        public let endpointURL = Column<Deployment, String?>("endpoint_url")
        /// The status of the deployment.
        public let status = Column<Deployment, DeploymentStatus>("status")
        /// The instance type.
        public let instanceType = Column<Deployment, String>("instance_type", holdsNames: true)
        /// The minimum number of instances.
        public let minInstances = Column<Deployment, Int>("min_instances")
        /// The maximum number of instances.
        public let maxInstances = Column<Deployment, Int>("max_instances")
        /// Whether the number of instances scales automatically.
        public let autoScaling = Column<Deployment, Bool>("auto_scaling")
        /// The configuration.
        public let deploymentConfig = JSONColumn<Deployment>("deployment_config")
        /// The path of the health check.
        public let healthCheckPath = Column<Deployment, String>("health_check_path")
        /// What is watched.
        public let monitoringPolicy = JSONColumn<Deployment>("monitoring")
        /// When it is looked at again.
        public let nextCheckAt = Column<Deployment, Date?>("next_check_at")
        /// When it first served.
        public let deployedAt = Column<Deployment, Date?>("deployed_at")
        /// When it was terminated.
        public let terminatedAt = Column<Deployment, Date?>("terminated_at")
    }

    /// The columns of `deployments`.
    public static let columns = Columns()
}

extension Deployment: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "deployments", resource: "deployment",
        project: .column(columns.projectID),
        permissions: .project(write: .maintainer, delete: .maintainer, purge: .owner),
        fixed: [
            columns.projectID, columns.environment, columns.modelVersionID, columns.minInstances,
            columns.maxInstances,
        ],
        managed: [
            columns.status, columns.monitoringPolicy, columns.nextCheckAt, columns.deployedAt,
            columns.terminatedAt,
        ],
        references: [
            Reference(columns.projectID, onPurge: .cascade),
            Reference(columns.modelVersionID, onPurge: .restrict),
            Reference(columns.createdBy, onPurge: .restrict),
        ])

    package static let blank = Deployment(project: .unassigned, modelVersion: .unassigned, name: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.projectID, &projectID)
        try row.column(Self.columns.modelVersionID, &modelVersionID)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.environment, &environment)
        try row.column(Self.columns.endpointURL, &endpointURL)
        try row.column(Self.columns.status, &status)
        try row.column(Self.columns.instanceType, &instanceType)
        try row.column(Self.columns.minInstances, &minInstances)
        try row.column(Self.columns.maxInstances, &maxInstances)
        try row.column(Self.columns.autoScaling, &autoScaling)
        try row.column(Self.columns.deploymentConfig, &deploymentConfig)
        try row.column(Self.columns.healthCheckPath, &healthCheckPath)
        try row.keptDocument(Self.columns.monitoringPolicy, &monitoringPolicy)
        try row.column(Self.columns.nextCheckAt, &nextCheckAt)
        try row.column(Self.columns.deployedAt, &deployedAt)
        try row.column(Self.columns.terminatedAt, &terminatedAt)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }
}
