public import Foundation

/// The reports on the drift of deployments' data.
public protocol DataDriftReportRepository: Repository where Record == DataDriftReport {
    /// The reports of a deployment whose period has a moment in common with `period`, by the start
    /// of their period.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func of(
        deployment: Identifier<Deployment>, overlapping period: ClosedRange<Date>
    ) throws -> [DataDriftReport]

    /// The report of a deployment whose period ends last, or `nil`.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func latest(of deployment: Identifier<Deployment>) throws -> DataDriftReport?
}

extension DataDriftReport {
    /// The columns of `data_drift_reports`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<DataDriftReport, Identifier<DataDriftReport>>("id")
        /// The deployment.
        public let deploymentID = Column<DataDriftReport, Identifier<Deployment>>("deployment_id")
        /// The overall score.
        public let driftScore = Column<DataDriftReport, Double>("drift_score")
        /// The score above which there is drift.
        public let driftThreshold = Column<DataDriftReport, Double>("drift_threshold")
        /// Whether the score is above the threshold.
        public let isDriftDetected = Column<DataDriftReport, Bool>("is_drift_detected")
        /// What was found for each feature.
        public let featureDrift = JSONColumn<DataDriftReport>("feature_drift")
        /// The rest of the report.
        public let reportData = JSONColumn<DataDriftReport>("report_data")
        /// The start of the period.
        public let periodStart = Column<DataDriftReport, Date>("period_start")
        /// The end of the period.
        public let periodEnd = Column<DataDriftReport, Date>("period_end")
        /// When it was made.
        public let createdAt = Column<DataDriftReport, Date>("created_at")
    }

    /// The columns of `data_drift_reports`.
    public static let columns = Columns()
}
