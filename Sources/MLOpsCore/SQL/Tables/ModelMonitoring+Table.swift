extension ModelMonitoring: TableMapped {
    package static let table = Table(
        "model_monitoring",
        columns: [
            "id", "organization_id", "deployment_id", "metric_name", "value", "threshold_min",
            "threshold_max", "is_anomaly", "recorded_at", "created_at",
        ],
        references: [
            .init("deployment_id", to: Deployment.self, onPurge: .cascade)
        ],
        isFoundByParent: true, orderedInParent: ["metric_name", "recorded_at"])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        deploymentID = try row.next()
        metricName = try row.next()
        value = try row.nextReal()
        thresholdMin = try row.next()
        thresholdMax = try row.next()
        isAnomaly = try row.next()
        recordedAt = try row.next()
        createdAt = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(deploymentID)
        try row.append(metricName)
        row.append(real: value)
        try row.append(thresholdMin)
        try row.append(thresholdMax)
        try row.append(isAnomaly)
        try row.append(recordedAt)
        try row.append(createdAt)
    }
}
