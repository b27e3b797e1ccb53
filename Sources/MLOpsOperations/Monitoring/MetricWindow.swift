/// The figures of one metric over a window of time, in bounded memory.
///
/// The quantiles come from a ``QuantileSketch``; all other figures are exact.
public struct MetricWindow: Sendable {
    /// The figures of a window.
    public struct Summary: Sendable, Hashable {
        /// The number of values, without NaN.
        public let count: Int
        /// The mean; infinite when a value is, NaN when both infinities occur.
        public let mean: Double
        /// The least value.
        public let minimum: Double
        /// The greatest value.
        public let maximum: Double
        /// The median.
        public let p50: Double
        /// The value that 95 % of the values do not exceed.
        public let p95: Double
        /// The value that 99 % of the values do not exceed.
        public let p99: Double
    }

    /// The number of values that were NaN; they are in no figure.
    public private(set) var nulls = 0
    private var sketch: QuantileSketch
    private var sum = CompensatedSum()

    /// Makes an empty window.
    ///
    /// - Parameter seed: The seed of the sketch.
    public init(seed: UInt64 = 0) { sketch = QuantileSketch(seed: seed) }

    /// Adds a value.
    public mutating func record(_ value: Double) {
        guard !value.isNaN else { return nulls += 1 }
        sketch.insert(value)
        sum.add(value)
    }

    /// Begins anew, and keeps the memory for the values to come.
    mutating func removeAll() {
        sketch.removeAll()
        (sum, nulls) = (CompensatedSum(), 0)
    }

    /// Adds the values of another window, such as that of another thread.
    public mutating func merge(_ other: MetricWindow) {
        nulls += other.nulls
        sketch.merge(other.sketch)
        sum.add(other.sum.value)
    }

    /// The figures so far; `nil` without values.
    public var summary: Summary? {
        guard let minimum = sketch.minimum, let maximum = sketch.maximum else { return nil }
        let quantiles = sketch.quantiles([0.5, 0.95, 0.99]).map { $0 ?? maximum }
        return Summary(
            count: sketch.count, mean: sum.value / Double(sketch.count), minimum: minimum,
            maximum: maximum, p50: quantiles[0], p95: quantiles[1], p99: quantiles[2])
    }
}
