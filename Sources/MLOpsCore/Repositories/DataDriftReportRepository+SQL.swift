import Foundation

extension SQLRepository: DataDriftReportRepository where Record == DataDriftReport {
    func of(
        deployment: Identifier<Deployment>, overlapping period: ClosedRange<Date>
    ) throws -> [DataDriftReport] {
        _ = try transaction.deployments.find(deployment)
        return try all(
            where: {
                $0.deploymentID == deployment && $0.periodStart <= period.upperBound
                    && $0.periodEnd >= period.lowerBound
            },
            order: { [$0.periodStart.ascending] })
    }

    func latest(of deployment: Identifier<Deployment>) throws -> DataDriftReport? {
        _ = try transaction.deployments.find(deployment)
        return try first(
            where: { $0.deploymentID == deployment },
            order: { [$0.periodEnd.descending, $0.createdAt.descending, $0.id.descending] })
    }
}

extension SQLRepository where Record == DataDriftReport {
    /// Refuses NaN, which only one of the backends can store; called before each insert.
    ///
    /// - Throws: `.invalidValue`.
    func validate(_ record: DataDriftReport, isInsert: Bool) throws {
        guard !record.driftScore.isNaN, !record.driftThreshold.isNaN else {
            throw StoreError(
                .invalidValue, "The score and the threshold of a drift report cannot be NaN.",
                entity: DataDriftReport.entityName,
                field: record.driftScore.isNaN ? "drift_score" : "drift_threshold")
        }
    }
}

extension DataDriftReport: StoredEntity {
    static func finishInserts(_ rows: [Self], in transaction: SQLTransaction) throws {
        let watch = DeploymentWatch(transaction: transaction)
        for (deployment, rows) in Dictionary(grouping: rows, by: \.deploymentID) {
            try watch.lookAtDrift(rows, of: deployment)
        }
    }

    /// Checks that the score and the threshold are not NaN.
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> Self {
        try SQLRepository(transaction).validate(self, isInsert: source != nil)
        return self
    }
}
