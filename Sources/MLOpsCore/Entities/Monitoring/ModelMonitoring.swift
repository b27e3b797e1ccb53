public import Foundation

/// One measurement of a deployment.
///
/// NaN equals NaN in `==`, so that a measurement equals the one read back from the store.
public struct ModelMonitoring: TenantOwned {
    /// The name of a row in messages.
    public static let entityName = "model monitoring"

    /// The key.
    public package(set) var id: Identifier<ModelMonitoring>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The deployment.
    public package(set) var deploymentID: Identifier<Deployment>
    /// The name of the metric.
    public package(set) var metricName: String
    /// The value; any double.
    public package(set) var value: Double
    /// The lowest value that is normal.
    public package(set) var thresholdMin: Double?
    /// The highest value that is normal.
    public package(set) var thresholdMax: Double?
    /// Whether the value is an anomaly.
    public package(set) var isAnomaly: Bool
    /// When it was measured.
    public package(set) var recordedAt: Date
    /// When the row was made.
    public package(set) var createdAt: Date

    /// Makes a measurement that is not stored yet.
    ///
    /// If `isAnomaly` is `nil`, a value outside its thresholds is an anomaly, and so is NaN when
    /// there is a threshold. A threshold that is NaN is ignored.
    public init(
        id: Identifier<ModelMonitoring> = Identifier(),
        deployment: Identifier<Deployment>,
        metricName: String,
        value: Double,
        thresholdMin: Double? = nil,
        thresholdMax: Double? = nil,
        isAnomaly: Bool? = nil,
        recordedAt: Date = .whenStored,
        createdAt: Date = .now
    ) {
        self.id = id
        deploymentID = deployment
        self.metricName = metricName
        self.value = value
        let minimum = thresholdMin.flatMap { $0.isNaN ? nil : $0 }
        let maximum = thresholdMax.flatMap { $0.isNaN ? nil : $0 }
        self.thresholdMin = minimum
        self.thresholdMax = maximum
        // Negated, so that NaN violates every threshold.
        let isOutside =
            minimum.map { !(value >= $0) } ?? false || maximum.map { !(value <= $0) } ?? false
        self.isAnomaly = isAnomaly ?? isOutside
        self.recordedAt = recordedAt.roundedToMicroseconds
        self.createdAt = createdAt.roundedToMicroseconds
    }
}

extension ModelMonitoring: Hashable {
    /// Whether all fields are equal, with NaN equal to NaN.
    public static func == (left: ModelMonitoring, right: ModelMonitoring) -> Bool {
        left.id == right.id && left.organizationID == right.organizationID
            && left.deploymentID == right.deploymentID && left.metricName == right.metricName
            && left.value.isSame(as: right.value) && left.thresholdMin == right.thresholdMin
            && left.thresholdMax == right.thresholdMax && left.isAnomaly == right.isAnomaly
            && left.recordedAt == right.recordedAt && left.createdAt == right.createdAt
    }

    /// Hashes the key.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
