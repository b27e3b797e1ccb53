public import Foundation

/// One point of one metric of a run.
///
/// Two points are equal when their fields are; NaN is equal to NaN here, so that a stored point
/// equals the one that was stored.
public struct RunMetric: TenantOwned {
    /// The key; points of one step are ordered by it.
    public let id: Identifier<RunMetric>
    /// The organization; filled in on insert.
    public let organizationID: Identifier<Organization>
    /// The run it belongs to.
    public let runID: Identifier<ExperimentRun>
    /// The name of the metric.
    public let metricName: String
    /// The value; any double, NaN and both infinities included.
    public let value: Double
    /// The training step.
    public let step: Int64
    /// When it was measured.
    public let timestamp: Date

    /// Makes a point that is not stored yet.
    public init(
        id: Identifier<RunMetric> = Identifier(),
        run: Identifier<ExperimentRun>,
        metricName: String,
        value: Double,
        step: Int64,
        timestamp: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        runID = run
        self.metricName = metricName
        self.value = value
        self.step = step
        self.timestamp = timestamp.roundedToMicroseconds
    }
}

extension RunMetric: Hashable {
    /// Whether all fields are the same, NaN counting as equal to NaN.
    public static func == (left: RunMetric, right: RunMetric) -> Bool {
        left.id == right.id && left.organizationID == right.organizationID
            && left.runID == right.runID && left.metricName == right.metricName
            && left.value.isSame(as: right.value) && left.step == right.step
            && left.timestamp == right.timestamp
    }

    /// Hashes the key.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
