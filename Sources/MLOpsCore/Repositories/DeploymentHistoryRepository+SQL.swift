extension SQLRepository: DeploymentHistoryRepository where Record == DeploymentHistoryEntry {
    func of(deployment: Identifier<Deployment>) throws -> [DeploymentHistoryEntry] {
        _ = try transaction.deployments.find(deployment)
        return try all(
            where: { $0.deploymentID == deployment },
            order: { [$0.startedAt.descending, $0.id.descending] })
    }

    func inProgress(of deployment: Identifier<Deployment>) throws -> DeploymentHistoryEntry? {
        _ = try transaction.deployments.find(deployment)
        return try first { $0.deploymentID == deployment && $0.status == .inProgress }
    }
}

extension DeploymentHistoryEntry: StoredEntity {}
