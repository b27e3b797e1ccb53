public import Foundation

/// One point of one metric of a run.
///
/// NaN equals NaN in `==`, so that a point equals the one read back from the store.
public struct RunMetric: TenantOwned {
    /// The name of a row in messages.
    public static let entityName = "run metric"

    /// The key; points of one step are ordered by it.
    public package(set) var id: Identifier<RunMetric>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The run it belongs to.
    public package(set) var runID: Identifier<ExperimentRun>
    /// The name of the metric.
    public package(set) var metricName: String
    /// The value; any double, including NaN and both infinities.
    public package(set) var value: Double
    /// The training step.
    public package(set) var step: Int64
    /// When it was measured.
    public package(set) var timestamp: Date

    /// Makes a point that is not stored yet.
    public init(
        id: Identifier<RunMetric> = Identifier(),
        run: Identifier<ExperimentRun>,
        metricName: String,
        value: Double,
        step: Int64,
        timestamp: Date = .whenStored
    ) {
        self.id = id
        runID = run
        self.metricName = metricName
        self.value = value
        self.step = step
        self.timestamp = timestamp.roundedToMicroseconds
    }
}

extension RunMetric: Hashable {
    /// Whether all fields are equal, with NaN equal to NaN.
    public static func == (left: RunMetric, right: RunMetric) -> Bool {
        left.id == right.id && left.organizationID == right.organizationID
            && left.runID == right.runID && left.metricName == right.metricName
            && left.value.isSame(as: right.value) && left.step == right.step
            && left.timestamp == right.timestamp
    }

    /// Hashes the key.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
