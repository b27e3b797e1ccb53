public import Foundation

/// The measurements of an organization's deployments.
///
/// Both methods throw `.notFound` for a deployment that is absent or deleted; both ends of their
/// times are included.
public protocol ModelMonitoringRepository: Repository where Record == ModelMonitoring {
    /// The measurements of one metric of a deployment, by the time they were recorded.
    func series(
        of deployment: Identifier<Deployment>, metric: String, from: Date, to: Date
    ) throws -> [ModelMonitoring]

    /// The anomalies of all metrics of a deployment, by the time they were recorded.
    func anomalies(
        of deployment: Identifier<Deployment>, from: Date, to: Date
    ) throws -> [ModelMonitoring]
}

extension ModelMonitoring {
    /// The columns of `model_monitoring`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<ModelMonitoring, Identifier<ModelMonitoring>>("id")
        /// The deployment.
        public let deploymentID = Column<ModelMonitoring, Identifier<Deployment>>("deployment_id")
        /// The name of the metric.
        public let metricName = Column<ModelMonitoring, String>("metric_name")
        /// The value.
        public let value = Column<ModelMonitoring, Double>("value")
        /// The lowest value that is normal.
        public let thresholdMin = Column<ModelMonitoring, Double?>("threshold_min")
        /// The highest value that is normal.
        public let thresholdMax = Column<ModelMonitoring, Double?>("threshold_max")
        /// Whether the value was found abnormal.
        public let isAnomaly = Column<ModelMonitoring, Bool>("is_anomaly")
        /// When it was measured.
        public let recordedAt = Column<ModelMonitoring, Date>("recorded_at")
        /// When it was made.
        public let createdAt = Column<ModelMonitoring, Date>("created_at")
    }

    /// The columns of `model_monitoring`.
    public static let columns = Columns()
}
