import MLOpsCore

/// The rows that are lost with the migrations that made their tables.
enum RollbackLoss {
    /// The tables, by the migration that makes them.
    static let tables: [KeyValuePairs<String, any Entity.Type>] = [
        [
            "organization_memberships": OrganizationMembership.self,
            "organizations": Organization.self, "project_members": ProjectMember.self,
            "projects": Project.self, "users": User.self,
        ],
        [
            "experiment_runs": ExperimentRun.self, "experiments": Experiment.self,
            "model_versions": ModelVersion.self, "models": Model.self,
            "run_metrics": RunMetric.self,
        ],
        [
            "alerts": Alert.self, "data_drift_reports": DataDriftReport.self,
            "deployment_history": DeploymentHistoryEntry.self, "deployments": Deployment.self,
            "model_monitoring": ModelMonitoring.self,
        ],
        [
            "api_keys": APIKey.self, "audit_logs": AuditLog.self,
            "notification_channels": NotificationChannel.self,
            "notification_rules": NotificationRule.self,
        ],
    ]

    /// Refuses to go back to a version while that loses rows.
    ///
    /// - Throws: `Failure` that names the tables, or tells that the role may not look into them.
    static func check(_ store: any Store, to target: Int) async throws {
        let current = try await store.migrationStatus().schemaVersion
        guard target >= 0, target < current else { return }
        let lost: [String]
        do {
            lost = try await store.withSystemAccess(reason: "mlops db rollback") { access in
                try await access.read { tx in
                    try tables.prefix(current).dropFirst(target).joined().compactMap {
                        table, type in
                        let rows = try count(type, in: tx)
                        return rows == 0 ? nil : "\(table) (\(Format.count(rows, "row")))"
                    }
                }
            }
        } catch let error as StoreError where error.code == .permissionDenied {
            throw Failure(
                .usage, "this role cannot tell whether rows would be lost; confirm with --yes")
        }
        guard lost.isEmpty else {
            throw Failure(
                .usage,
                "lost for good would be \(lost.joined(separator: ", ")); make a backup, and "
                    + "confirm with --yes")
        }
    }

    private static func count<Record: Entity>(
        _ type: Record.Type, in tx: any Transaction
    ) throws -> Int {
        try tx.repository(of: type).count(Query(deleted: .included))
    }
}
