import Foundation

extension SQLRepository: DeploymentHistoryRepository where Record == DeploymentHistoryEntry {
    func of(deployment: Identifier<Deployment>) throws -> [DeploymentHistoryEntry] {
        _ = try transaction.deployments.find(deployment)
        return try all(
            where: { $0.deploymentID == deployment },
            order: { [$0.startedAt.descending, $0.id.descending] })
    }

    func complete(
        _ id: Identifier<DeploymentHistoryEntry>, status: DeploymentActionStatus,
        errorMessage: String?
    ) throws -> DeploymentHistoryEntry {
        guard status.isFinal else {
            throw StoreError(
                .invalidValue, "A change ends as completed or as failed.",
                entity: DeploymentHistoryEntry.entityName, field: "status")
        }
        let entry = try find(id, to: .write)
        if status == .completed { try checkIsTrue(entry) }
        // If the clock was set back, the change ends at its start instead of before it.
        let end = max(transaction.now, entry.startedAt)
        let changed = try transaction.execute(
            """
            UPDATE deployment_history
            SET status = \(status), error_message = \(errorMessage), completed_at = \(end)
            WHERE id = \(id) AND status IN ('pending', 'in_progress') AND \(tenant)
            """)
        guard changed == 1 else {
            throw StoreError(
                .conflict, "The change has ended before; its outcome is set once.",
                entity: DeploymentHistoryEntry.entityName, field: "status")
        }
        let ended = try find(id)
        try noteChange("complete", from: entry.storedValues(), to: ended)
        return ended
    }

    /// Checks that the deployment is as it would be after a change.
    ///
    /// The completed changes tell which versions were live, and which to roll back to.
    ///
    /// - Throws: `.conflict`.
    private func checkIsTrue(_ entry: DeploymentHistoryEntry) throws {
        let deployment = try SQLRepository<Deployment>(transaction.unrestricted)
            .find(entry.deploymentID, to: .write)
        let isTerminated = deployment.status == .terminated
        guard deployment.modelVersionID == entry.modelVersionID,
            isTerminated == (entry.action == .terminate)
        else {
            throw StoreError(
                .conflict,
                "The deployment is not as the change says; change it with deploy, update, "
                    + "rollback or terminate, which add their own entries.",
                entity: DeploymentHistoryEntry.entityName, field: "status")
        }
    }
}

extension DeploymentHistoryEntry: StoredEntity {}
