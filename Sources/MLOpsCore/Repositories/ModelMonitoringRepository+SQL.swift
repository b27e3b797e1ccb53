import Foundation

extension SQLRepository: ModelMonitoringRepository where Record == ModelMonitoring {
    func series(
        of deployment: Identifier<Deployment>, metric: String, from: Date, to: Date
    ) throws -> [ModelMonitoring] {
        _ = try transaction.deployments.find(deployment)
        return try all(
            where: {
                $0.deploymentID == deployment && $0.metricName == metric && $0.recordedAt >= from
                    && $0.recordedAt <= to
            },
            order: { [$0.recordedAt.ascending] })
    }

    func anomalies(
        of deployment: Identifier<Deployment>, from: Date, to: Date
    ) throws -> [ModelMonitoring] {
        _ = try transaction.deployments.find(deployment)
        return try all(
            where: {
                $0.deploymentID == deployment && $0.isAnomaly == true && $0.recordedAt >= from
                    && $0.recordedAt <= to
            },
            order: { [$0.recordedAt.ascending] })
    }
}

extension ModelMonitoring: StoredEntity {
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> ModelMonitoring {
        var measurement = self
        measurement.recordedAt = recordedAt.orWhenStored(transaction.now)
        return measurement
    }
}
