/// One number of a metric's summary.
public enum MetricFigure: String, Sendable, CaseIterable, Codable {
    /// The value of the highest step.
    case last
    /// The smallest value.
    case min
    /// The largest value.
    case max
    /// The highest step.
    case step
    /// The number of points.
    case count
}

/// Five figures that summarize a metric's points.
///
/// NaN equals NaN in `==`, so that a summary equals the one read back from the store.
public struct MetricSummary: Sendable, Codable {
    /// The value of the highest step.
    public private(set) var last: Double
    /// The smallest value; NaN only when every value is.
    public private(set) var min: Double
    /// The largest value; NaN only when every value is.
    public private(set) var max: Double
    /// The step of `last`.
    public private(set) var step: Int64
    /// The number of points, at least 1.
    public private(set) var count: Int

    /// The largest document of all summaries of a run, in UTF-8 bytes: about 60,000 metrics.
    static let maximumDocumentBytes = 8 << 20

    /// Checks that the summaries of all metrics of a run fit into its row.
    ///
    /// - Throws: `.invalidValue` if they do not: beyond about 60,000 metrics.
    public static func check(_ summaries: [String: MetricSummary]) throws {
        _ = try summaries.json.namingKeys().canonicalText(maximumBytes: maximumDocumentBytes)
    }

    /// The summary of one point.
    public init(_ value: Double, step: Int64) {
        self.init(last: value, min: value, max: value, step: step, count: 1)
    }

    /// A summary from its figures.
    public init(last: Double, min: Double, max: Double, step: Int64, count: Int) {
        self.last = last
        self.min = min
        self.max = max
        self.step = step
        self.count = count
    }

    /// One of the figures.
    public subscript(figure: MetricFigure) -> Double {
        switch figure {
        case .last: last
        case .min: min
        case .max: max
        case .step: Double(step)
        case .count: Double(count)
        }
    }

    /// Adds a point; of points with the same step, the one added last counts as the last.
    public mutating func add(_ value: Double, step: Int64) {
        merge(MetricSummary(value, step: step))
    }

    /// Adds the points of another summary, which were logged after those of this one.
    public mutating func merge(_ other: MetricSummary) {
        if other.step >= step {
            last = other.last
            step = other.step
        }
        if min.isNaN || other.min < min { min = other.min }
        if max.isNaN || other.max > max { max = other.max }
        count += other.count
    }
}

extension MetricSummary: Hashable {
    /// Whether all figures are equal, with NaN equal to NaN.
    public static func == (left: MetricSummary, right: MetricSummary) -> Bool {
        left.last.isSame(as: right.last) && left.min.isSame(as: right.min)
            && left.max.isSame(as: right.max) && left.step == right.step
            && left.count == right.count
    }

    /// Hashes all figures.
    public func hash(into hasher: inout Hasher) {
        for value in [last, min, max] { hasher.combine(value.hashable) }
        hasher.combine(step)
        hasher.combine(count)
    }
}

extension MetricSummary: JSONConvertible {
    /// One member for each figure; a number that JSON cannot represent is a string.
    public var json: JSONValue {
        [
            MetricFigure.last.rawValue: last.json,
            MetricFigure.min.rawValue: min.json,
            MetricFigure.max.rawValue: max.json,
            MetricFigure.step.rawValue: .int(step),
            MetricFigure.count.rawValue: .int(Int64(count)),
        ]
    }

    /// Reads the five figures.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "metric summary")
        last = try fields.double(MetricFigure.last.rawValue)
        min = try fields.double(MetricFigure.min.rawValue)
        max = try fields.double(MetricFigure.max.rawValue)
        step = try fields.int64(MetricFigure.step.rawValue)
        count = try fields.int(MetricFigure.count.rawValue)
    }
}

extension Double {
    /// Equality as entities use it: like `==`, but NaN equals NaN.
    func isSame(as other: Double) -> Bool { self == other || isNaN && other.isNaN }

    /// The number, with one bit pattern for every NaN, so that equal values hash equally.
    var hashable: Double { isNaN ? .nan : self }
}
