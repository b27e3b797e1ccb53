extension DataDriftReport: TableMapped {
    package static let table = Table(
        "data_drift_reports",
        columns: [
            "id", "organization_id", "deployment_id", "drift_score", "drift_threshold",
            "is_drift_detected", "feature_drift", "report_data", "period_start", "period_end",
            "created_at",
        ],
        references: [
            .init("deployment_id", to: Deployment.self, onPurge: .cascade)
        ])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        deploymentID = try row.next()
        driftScore = try row.next()
        driftThreshold = try row.next()
        isDriftDetected = try row.next()
        featureDrift = try row.nextJSON()
        reportData = try row.next()
        periodStart = try row.next()
        periodEnd = try row.next()
        createdAt = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(deploymentID)
        try row.append(driftScore)
        try row.append(driftThreshold)
        try row.append(isDriftDetected)
        try row.append(json: featureDrift)
        try row.append(reportData)
        try row.append(periodStart)
        try row.append(periodEnd)
        try row.append(createdAt)
    }
}

extension DataDriftReport {
    /// Its numbers are no NaN.
    package func prepared(
        forInsert: Bool, in transaction: SQLTransaction
    ) throws -> Self {
        try SQLRepository(transaction).validate(self, isInsert: forInsert)
        return self
    }
}
