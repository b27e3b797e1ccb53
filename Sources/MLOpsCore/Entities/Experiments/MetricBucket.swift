/// A section of a metric's curve, reduced for a chart of limited width.
///
/// The figures ignore NaN, and are NaN when every value is NaN. NaN equals NaN in `==`.
public struct MetricBucket: Sendable, Codable {
    /// The step of its first point.
    public let firstStep: Int64
    /// The step of its last point.
    public private(set) var lastStep: Int64
    /// The number of points, including those whose value is NaN.
    public private(set) var count: Int
    /// The smallest value.
    public private(set) var minimum: Double
    /// The first step that has the smallest value; `firstStep` when no value is a number.
    public private(set) var minimumStep: Int64
    /// The largest value.
    public private(set) var maximum: Double
    /// The first step that has the largest value; `firstStep` when no value is a number.
    public private(set) var maximumStep: Int64
    /// The arithmetic mean of the values.
    public private(set) var mean: Double
    /// The number of values that are NaN.
    public private(set) var nanCount: Int

    init(_ point: MetricPoint) {
        firstStep = point.step
        lastStep = point.step
        count = 1
        minimum = point.value
        minimumStep = point.step
        maximum = point.value
        maximumStep = point.step
        mean = point.value
        nanCount = point.value.isNaN ? 1 : 0
    }

    /// Adds the next point, in order of step.
    mutating func add(_ point: MetricPoint) {
        lastStep = point.step
        count += 1
        let value = point.value
        if value.isNaN {
            nanCount += 1
            return
        }
        let numbers = Double(count - nanCount)
        if numbers == 1 {
            mean = value
        } else if value.isFinite && mean.isFinite {
            let difference = value - mean
            // The difference of two large numbers of opposite signs overflows; that of the
            // quotients does not.
            mean +=
                difference.isFinite
                ? difference / numbers : value / numbers - mean / numbers
        } else {
            mean += value
        }
        if minimum.isNaN || value < minimum {
            minimum = value
            minimumStep = point.step
        }
        if maximum.isNaN || value > maximum {
            maximum = value
            maximumStep = point.step
        }
    }
}

extension MetricBucket: Hashable {
    /// Whether all figures are equal, with NaN equal to NaN.
    public static func == (left: MetricBucket, right: MetricBucket) -> Bool {
        left.firstStep == right.firstStep && left.lastStep == right.lastStep
            && left.count == right.count && left.nanCount == right.nanCount
            && left.minimum.isSame(as: right.minimum) && left.minimumStep == right.minimumStep
            && left.maximum.isSame(as: right.maximum) && left.maximumStep == right.maximumStep
            && left.mean.isSame(as: right.mean)
    }

    /// Hashes the range and the counts.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(firstStep)
        hasher.combine(lastStep)
        hasher.combine(count)
        hasher.combine(nanCount)
    }
}

/// Reduces points in order of step to at most `count` buckets of equal width.
struct MetricBucketing {
    private let first: Int64
    /// The number of steps minus one: the number itself may not fit into 64 bits.
    private let span: UInt64
    private let count: UInt64
    private var current: (index: UInt64, bucket: MetricBucket)?
    private var full: [MetricBucket] = []

    /// Splits the steps of a range into `count` parts.
    init(steps: ClosedRange<Int64>, count: Int) {
        first = steps.lowerBound
        span = UInt64(bitPattern: steps.upperBound &- steps.lowerBound)
        self.count = UInt64(count)
    }

    /// The buckets that hold at least one point.
    var buckets: [MetricBucket] { current.map { full + [$0.bucket] } ?? full }

    /// Adds the next point, whose step must be in the range.
    mutating func add(_ point: MetricPoint) {
        let index = part(of: point.step)
        if let current, current.index == index {
            self.current?.bucket.add(point)
        } else {
            if let current { full.append(current.bucket) }
            current = (index, MetricBucket(point))
        }
    }

    /// `offset * count / (span + 1)`, in 128 bits.
    private func part(of step: Int64) -> UInt64 {
        let product = UInt64(bitPattern: step &- first).multipliedFullWidth(by: count)
        if span == .max { return product.high }
        return (span + 1).dividingFullWidth(product).quotient
    }
}
