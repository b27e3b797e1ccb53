public import Foundation

/// The history of an organization's deployments.
public protocol DeploymentHistoryRepository: Repository
where Record == DeploymentHistoryEntry {
    /// The changes of a deployment, newest first.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func of(deployment: Identifier<Deployment>) throws -> [DeploymentHistoryEntry]

    /// Ends a change that is pending or in progress, now, and returns its entry.
    ///
    /// - Throws: `.notFound`; `.conflict` when it has ended before; `.invalidValue` for a status
    ///   other than `.completed` and `.failed`.
    @discardableResult
    func complete(
        _ id: Identifier<DeploymentHistoryEntry>, status: DeploymentActionStatus,
        errorMessage: String?
    ) throws -> DeploymentHistoryEntry
}

extension DeploymentHistoryRepository {
    /// Ends a change that is pending or in progress, now and without an error, and returns its
    /// entry.
    @discardableResult
    public func complete(
        _ id: Identifier<DeploymentHistoryEntry>, status: DeploymentActionStatus = .completed
    ) throws -> DeploymentHistoryEntry {
        try complete(id, status: status, errorMessage: nil)
    }
}

extension DeploymentHistoryEntry {
    /// The columns of `deployment_history`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<DeploymentHistoryEntry, Identifier<DeploymentHistoryEntry>>("id")
        /// The deployment.
        public let deploymentID =
            Column<DeploymentHistoryEntry, Identifier<Deployment>>("deployment_id")
        /// The version after the change.
        public let modelVersionID =
            Column<DeploymentHistoryEntry, Identifier<ModelVersion>>("model_version_id")
        /// The version before the change.
        public let previousModelVersionID =
            Column<DeploymentHistoryEntry, Identifier<ModelVersion>?>("previous_model_version_id")
        /// What was done.
        public let action = Column<DeploymentHistoryEntry, DeploymentAction>("action")
        /// How far the change has come.
        public let status = Column<DeploymentHistoryEntry, DeploymentActionStatus>("status")
        /// Why it was done.
        public let reason = Column<DeploymentHistoryEntry, String?>("reason")
        /// Why it failed.
        public let errorMessage = Column<DeploymentHistoryEntry, String?>("error_message")
        /// Who did it.
        public let performedBy = Column<DeploymentHistoryEntry, Identifier<User>>("performed_by")
        /// When the change started.
        public let startedAt = Column<DeploymentHistoryEntry, Date>("started_at")
        /// When the change ended.
        public let completedAt = Column<DeploymentHistoryEntry, Date?>("completed_at")
        /// When it was made.
        public let createdAt = Column<DeploymentHistoryEntry, Date>("created_at")
    }

    /// The columns of `deployment_history`.
    public static let columns = Columns()
}
