public import Foundation

/// Points of the metrics of one run, in the order they were logged.
///
/// A metric's name is kept once, so that a point is 32 bytes whatever it is called.
public struct MetricBatch: Sendable {
    struct Point {
        let name: Int
        let step: Int64
        let value: Double
        let microseconds: Int64
    }

    /// The time of a point that gets that of the transaction.
    static let whenStored = Date.whenStored.microseconds ?? .max

    private(set) var names: [String] = []
    private var positions: [String: Int] = [:]
    /// The name of the last point.
    private var lastName = 0
    private(set) var points: [Point] = []
    /// The highest step of each metric, by the position of its name.
    private var lastSteps: [Int64?] = []
    /// The highest steps of metrics before the first point here.
    var earlierSteps: [String: Int64] = [:]

    /// The id of the first point, the same however often the batch is written.
    package var firstID: Identifier<RunMetric>?

    /// Whether an earlier attempt to write it may have been committed.
    var mayBeStored = false

    /// Makes an empty batch.
    public init() {}

    /// How many points it holds.
    public var count: Int { points.count }

    /// Whether it holds none.
    public var isEmpty: Bool { points.isEmpty }

    /// Adds a point.
    ///
    /// - Parameters:
    ///   - metric: The name of the metric.
    ///   - value: The value; NaN and the infinities are kept.
    ///   - step: The step of the run.
    ///   - timestamp: When it was measured; a time outside the years 1 to 9999 makes the store
    ///     refuse the batch.
    public mutating func add(
        _ metric: String, _ value: Double, step: Int64, at timestamp: Date = .whenStored
    ) {
        points.append(
            Point(
                name: position(of: metric), step: step, value: value,
                microseconds: timestamp.microseconds ?? .max))
    }

    /// Adds a point, unless its name or its time is one that no store takes.
    ///
    /// - Parameter step: The step; by default the next one of the metric, from 0.
    /// - Returns: Whether it was added.
    mutating func addIfStorable(
        _ metric: String, _ value: Double, step: Int64?, at timestamp: Date
    ) -> Bool {
        guard let microseconds = timestamp.microseconds else { return false }
        let name: Int
        if let known = knownPosition(of: metric) {
            name = known
        } else {
            guard Self.isStorable(name: metric) else { return false }
            name = position(of: metric)
        }
        guard let step = step ?? nextStep(of: name) else { return false }
        if lastSteps[name].map({ $0 < step }) ?? true { lastSteps[name] = step }
        points.append(Point(name: name, step: step, value: value, microseconds: microseconds))
        return true
    }

    /// The step after the highest one of a metric; `nil` when there is none.
    private func nextStep(of name: Int) -> Int64? {
        guard let last = lastSteps[name] else { return 0 }
        return last == .max ? nil : last + 1
    }

    /// The rules of the column: see `String.storedName(of:field:)` and the table's CHECK.
    private static func isStorable(name: String) -> Bool {
        // Before the normal form, which takes as long as the text is long and shortens few names.
        !name.isEmpty && name.utf8.count <= 4 * String.maximumNameBytes
            && (try? name.storedName(of: RunMetric.entityName, field: "metric_name")) != nil
    }

    /// A loop logs the same names in turn, so that the next one is tried before all are looked up.
    private mutating func knownPosition(of metric: String) -> Int? {
        let next = lastName + 1 < names.count ? lastName + 1 : 0
        let isNext = next < names.count && names[next] == metric
        guard let position = isNext ? next : positions[metric] else { return nil }
        lastName = position
        return position
    }

    private mutating func position(of metric: String) -> Int {
        if let position = knownPosition(of: metric) { return position }
        // Strings that look alike are equal, so that the other forms of a name find this one.
        let name = metric.asName
        positions[name] = names.count
        names.append(name)
        lastSteps.append(earlierSteps[name])
        return names.count - 1
    }

    /// Takes over the names and the steps of a batch that is about to be written.
    mutating func goOn(after batch: inout MetricBatch) {
        names = batch.names
        swap(&positions, &batch.positions)
        swap(&lastSteps, &batch.lastSteps)
        lastName = batch.lastName
        earlierSteps = batch.earlierSteps
        batch.positions = [:]
        batch.lastSteps = []
    }

    mutating func reserveCapacity(_ capacity: Int) { points.reserveCapacity(capacity) }

    /// Forgets the points, and keeps the memory.
    mutating func removeAll() {
        points.removeAll(keepingCapacity: true)
        firstID = nil
        mayBeStored = false
    }

    /// The summary of each metric, by name.
    var summaries: [String: MetricSummary] {
        var summaries: [MetricSummary?] = Array(repeating: nil, count: names.count)
        for point in points {
            if summaries[point.name] == nil {
                summaries[point.name] = MetricSummary(point.value, step: point.step)
            } else {
                summaries[point.name]?.add(point.value, step: point.step)
            }
        }
        var named: [String: MetricSummary] = [:]
        for (name, summary) in zip(names, summaries) { named[name] = summary }
        return named
    }
}
