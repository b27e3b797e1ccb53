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
        guard source == .caller, thresholdMin == nil, thresholdMax == nil,
            let policy = try transaction.monitoringPolicy(of: deploymentID)
                .metrics[metricName.asName]
        else { return measurement }
        (measurement.thresholdMin, measurement.thresholdMax) = (policy.minimum, policy.maximum)
        measurement.isAnomaly = isAnomaly || !policy.allows(value)
        return measurement
    }

    static func finishInserts(_ rows: [Self], in transaction: SQLTransaction) throws {
        let watch = DeploymentWatch(transaction: transaction)
        for (deployment, rows) in Dictionary(grouping: rows, by: \.deploymentID) {
            try watch.look(at: rows, of: deployment)
        }
    }
}
