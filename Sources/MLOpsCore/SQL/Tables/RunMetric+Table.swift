extension RunMetric: TableMapped {
    package static let table = Table(
        "run_metrics",
        columns: [
            "id", "organization_id", "run_id", "metric_name", "value", "step", "timestamp",
        ],
        references: [
            .init("run_id", to: ExperimentRun.self, onPurge: .cascade)
        ],
        isFoundByParent: true, orderedInParent: ["metric_name", "step"])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        runID = try row.next()
        metricName = try row.next()
        value = try row.nextReal()
        step = try row.next()
        timestamp = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(runID)
        try row.append(metricName)
        row.append(real: value)
        try row.append(step)
        try row.append(timestamp)
    }
}
