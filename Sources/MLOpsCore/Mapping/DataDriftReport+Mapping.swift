public import Foundation

extension DataDriftReport {
    /// The columns of `data_drift_reports`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = DataDriftReport
        /// The deployment.
        public let deploymentID = Column<DataDriftReport, Identifier<Deployment>>("deployment_id")
        /// The overall score.
        public let driftScore = Column<DataDriftReport, Double>("drift_score")
        /// The score above which there is drift.
        public let driftThreshold = Column<DataDriftReport, Double>("drift_threshold")
        /// Whether the score is above the threshold.
        public let isDriftDetected = Column<DataDriftReport, Bool>("is_drift_detected")
        /// The result for each feature.
        public let featureDrift = JSONColumn<DataDriftReport>("feature_drift", isFlat: true)
        /// Further data of the report.
        public let reportData = JSONColumn<DataDriftReport>("report_data")
        /// The start of the period.
        public let periodStart = Column<DataDriftReport, Date>("period_start")
        /// The end of the period.
        public let periodEnd = Column<DataDriftReport, Date>("period_end")
        /// When the report was made.
        public let createdAt = Column<DataDriftReport, Date>("created_at")
    }

    /// The columns of `data_drift_reports`.
    public static let columns = Columns()
}

extension DataDriftReport: TableMapped {
    package static let table = Table(
        of: Self.self, "data_drift_reports", resource: "data_drift_report",
        project: .parent(columns.deploymentID), trail: .batches,
        permissions: .project(write: .maintainer, delete: .owner, purge: .owner),
        references: [
            Reference(columns.deploymentID, onPurge: .cascade)
        ])

    package static let blank = DataDriftReport(
        deployment: .unassigned, driftScore: 0, driftThreshold: 0, periodStart: .distantPast,
        periodEnd: .distantPast)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.deploymentID, &deploymentID)
        try row.column(Self.columns.driftScore, &driftScore)
        try row.column(Self.columns.driftThreshold, &driftThreshold)
        try row.column(Self.columns.isDriftDetected, &isDriftDetected)
        try row.document(Self.columns.featureDrift, &featureDrift)
        try row.column(Self.columns.reportData, &reportData)
        try row.column(Self.columns.periodStart, &periodStart)
        try row.column(Self.columns.periodEnd, &periodEnd)
        try row.column(Self.columns.createdAt, &createdAt)
    }
}
