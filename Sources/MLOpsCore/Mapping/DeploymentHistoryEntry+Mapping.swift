public import Foundation

extension DeploymentHistoryEntry {
    /// The columns of `deployment_history`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = DeploymentHistoryEntry
        /// The deployment.
        public let deploymentID = Column<DeploymentHistoryEntry, Identifier<Deployment>>(
            "deployment_id")
        /// The version after the change.
        public let modelVersionID = Column<DeploymentHistoryEntry, Identifier<ModelVersion>>(
            "model_version_id")
        /// The version before the change.
        public let previousModelVersionID = Column<
            DeploymentHistoryEntry, Identifier<ModelVersion>?
        >("previous_model_version_id")
        /// The action, such as a rollback.
        public let action = Column<DeploymentHistoryEntry, DeploymentAction>("action")
        /// The status of the change.
        public let status = Column<DeploymentHistoryEntry, DeploymentActionStatus>("status")
        /// The status of the deployment before a change that takes time.
        public let previousStatus = Column<DeploymentHistoryEntry, DeploymentStatus?>(
            "previous_status")
        /// The stage that was demanded of the version.
        public let demandedStage = Column<DeploymentHistoryEntry, ModelStage?>("demanded_stage")
        /// The limit of scaling after the change.
        public let minInstances = Column<DeploymentHistoryEntry, Int?>("min_instances")
        /// The limit of scaling after the change.
        public let maxInstances = Column<DeploymentHistoryEntry, Int?>("max_instances")
        /// The reason for the change.
        public let reason = Column<DeploymentHistoryEntry, String?>("reason")
        /// Why it failed.
        public let errorMessage = Column<DeploymentHistoryEntry, String?>("error_message")
        /// Who made the change.
        public let performedBy = Column<DeploymentHistoryEntry, Identifier<User>>("performed_by")
        /// When the change started.
        public let startedAt = Column<DeploymentHistoryEntry, Date>("started_at")
        /// When the change ended.
        public let completedAt = Column<DeploymentHistoryEntry, Date?>("completed_at")
        /// When the entry was made.
        public let createdAt = Column<DeploymentHistoryEntry, Date>("created_at")
    }

    /// The columns of `deployment_history`.
    public static let columns = Columns()
}

extension DeploymentHistoryEntry: TableMapped {
    package static let table = Table(
        of: Self.self, "deployment_history", resource: "deployment_history",
        project: .parent(columns.deploymentID), trail: .batches,
        permissions: .project(write: .maintainer, delete: .owner, purge: .owner),
        managed: [
            columns.status, columns.previousStatus, columns.demandedStage, columns.minInstances,
            columns.maxInstances, columns.errorMessage, columns.completedAt,
        ],
        performer: [columns.performedBy], performedAt: [columns.startedAt],
        references: [
            Reference(columns.deploymentID, onPurge: .cascade),
            Reference(columns.modelVersionID, onPurge: .restrict),
            Reference(columns.previousModelVersionID, onPurge: .restrict),
            Reference(columns.performedBy, onPurge: .restrict),
        ])

    package static let blank = DeploymentHistoryEntry(
        deployment: .unassigned, modelVersion: .unassigned, action: .deploy)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.deploymentID, &deploymentID)
        try row.column(Self.columns.modelVersionID, &modelVersionID)
        try row.column(Self.columns.previousModelVersionID, &previousModelVersionID)
        try row.column(Self.columns.action, &action)
        try row.column(Self.columns.status, &status)
        try row.column(Self.columns.previousStatus, &previousStatus)
        try row.column(Self.columns.demandedStage, &demandedStage)
        try row.column(Self.columns.minInstances, &minInstances)
        try row.column(Self.columns.maxInstances, &maxInstances)
        try row.column(Self.columns.reason, &reason)
        try row.column(Self.columns.errorMessage, &errorMessage)
        try row.column(Self.columns.performedBy, &performedBy)
        try row.column(Self.columns.startedAt, &startedAt)
        try row.column(Self.columns.completedAt, &completedAt)
        try row.column(Self.columns.createdAt, &createdAt)
    }
}
