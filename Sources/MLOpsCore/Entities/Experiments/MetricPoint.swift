public import Foundation

/// A point of a metric's curve.
///
/// NaN equals NaN in `==`.
public struct MetricPoint: Sendable, Codable {
    /// The training step.
    public let step: Int64
    /// The value; any double.
    public let value: Double
    /// When it was measured.
    public let timestamp: Date

    /// Makes a point.
    public init(step: Int64, value: Double, timestamp: Date) {
        self.step = step
        self.value = value
        self.timestamp = timestamp
    }
}

extension MetricPoint: Hashable {
    /// Whether step, value and time are equal, with NaN equal to NaN.
    public static func == (left: MetricPoint, right: MetricPoint) -> Bool {
        left.step == right.step && left.value.isSame(as: right.value)
            && left.timestamp == right.timestamp
    }

    /// Hashes step, value and time.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(step)
        hasher.combine(value.hashable)
        hasher.combine(timestamp)
    }
}
