/// The points of the metrics of runs.
///
/// Every method here throws `.notFound` for a run that is absent or deleted.
public protocol RunMetricRepository: Repository where Record == RunMetric {
    /// The points of a metric, by step; points of one step in the order they were made.
    ///
    /// `steps` limits them; `nil` is all.
    func history(
        of run: Identifier<ExperimentRun>, metric: String, in steps: ClosedRange<Int64>?
    ) throws -> [MetricPoint]

    /// Hands the points of ``history(of:metric:in:)`` to the body one by one, in bounded memory.
    ///
    /// The body returns `false` to stop. It must not write.
    func forEachPoint(
        of run: Identifier<ExperimentRun>, metric: String, in steps: ClosedRange<Int64>?,
        _ body: (MetricPoint) throws -> Bool
    ) throws

    /// The curve of a metric, reduced to at most `count` buckets of equal width in steps, in order;
    /// buckets without points are left out. `count` is 1 to 10,000.
    ///
    /// - Throws: `.invalidValue` for another count.
    func buckets(
        of run: Identifier<ExperimentRun>, metric: String, count: Int
    ) throws -> [MetricBucket]

    /// The names of a run's metrics, sorted.
    func names(of run: Identifier<ExperimentRun>) throws -> [String]

    /// The point of the highest step, of several the one made last, or `nil`.
    func last(of run: Identifier<ExperimentRun>, metric: String) throws -> MetricPoint?
}

extension RunMetricRepository {
    /// All points of a metric, by step; points of one step in the order they were made.
    public func history(
        of run: Identifier<ExperimentRun>, metric: String
    ) throws -> [MetricPoint] {
        try history(of: run, metric: metric, in: nil)
    }

    /// Hands all points of a metric to the body one by one, by step, in bounded memory.
    ///
    /// The body returns `false` to stop. It must not write.
    public func forEachPoint(
        of run: Identifier<ExperimentRun>, metric: String, _ body: (MetricPoint) throws -> Bool
    ) throws {
        try forEachPoint(of: run, metric: metric, in: nil, body)
    }
}
