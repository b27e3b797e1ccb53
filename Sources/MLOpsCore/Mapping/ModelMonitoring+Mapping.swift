public import Foundation

extension ModelMonitoring {
    /// The columns of `model_monitoring`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = ModelMonitoring
        /// The deployment.
        public let deploymentID = Column<ModelMonitoring, Identifier<Deployment>>("deployment_id")
        /// The name of the metric.
        public let metricName = Column<ModelMonitoring, String>("metric_name", holdsNames: true)
        /// The value.
        public let value = Column<ModelMonitoring, Double>("value")
        /// The lowest value that is normal.
        public let thresholdMin = Column<ModelMonitoring, Double?>("threshold_min")
        /// The highest value that is normal.
        public let thresholdMax = Column<ModelMonitoring, Double?>("threshold_max")
        /// Whether the value is an anomaly.
        public let isAnomaly = Column<ModelMonitoring, Bool>("is_anomaly")
        /// When it was measured.
        public let recordedAt = Column<ModelMonitoring, Date>("recorded_at")
        /// When it was made.
        public let createdAt = Column<ModelMonitoring, Date>("created_at")
    }

    /// The columns of `model_monitoring`.
    public static let columns = Columns()
}

extension ModelMonitoring: TableMapped {
    package static let table = Table(
        of: Self.self, "model_monitoring", resource: "model_monitoring",
        project: .parent(columns.deploymentID), trail: .batches,
        permissions: .project(write: .maintainer, delete: .owner, purge: .owner),
        order: .byParent([columns.deploymentID, columns.metricName, columns.recordedAt]),
        references: [
            Reference(columns.deploymentID, onPurge: .cascade)
        ])

    package static let blank = ModelMonitoring(deployment: .unassigned, metricName: "", value: 0)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.deploymentID, &deploymentID)
        try row.column(Self.columns.metricName, &metricName)
        try row.real(Self.columns.value, &value)
        try row.column(Self.columns.thresholdMin, &thresholdMin)
        try row.column(Self.columns.thresholdMax, &thresholdMax)
        try row.column(Self.columns.isAnomaly, &isAnomaly)
        try row.column(Self.columns.recordedAt, &recordedAt)
        try row.column(Self.columns.createdAt, &createdAt)
    }
}
