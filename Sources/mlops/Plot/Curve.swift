import Foundation
import MLOpsCore

/// What the horizontal axis of a chart shows.
enum PlotX: String, CaseIterable, Sendable {
    /// The step of training.
    case step
    /// The time of day.
    case time
    /// The seconds since the run has started.
    case relative
}

/// The curve of a run's metric, reduced to what a chart can show.
struct Curve: Sendable {
    let name: String
    /// The points in order; a `y` of NaN is a gap.
    private(set) var points: [(x: Double, y: Double)] = []
    private var nans = 0
    private var reachesInfinity = false
    private var reachesNegativeInfinity = false
    private var notPositive = 0
    /// The last value, before any smoothing.
    let last: Double

    /// What the chart leaves out, such as `3 NaN`.
    var notes: [String] {
        [
            nans > 0 ? "\(nans) NaN" : nil, reachesInfinity ? "reaches inf" : nil,
            reachesNegativeInfinity ? "reaches -inf" : nil,
            notPositive > 0 ? "values of 0 or less left out" : nil,
        ].compactMap(\.self)
    }

    /// The curve without gaps in parts: each has one point or more.
    var parts: [[(x: Double, y: Double)]] {
        points.split { $0.y.isNaN }.map(Array.init)
    }

    /// How curves are made.
    struct Options: Sendable {
        var x = PlotX.step
        /// The weight of the past in a running mean, 0 to below 1; 0 does not smooth.
        var smoothing = 0.0
        var isLogarithmic = false
        /// How many parts the curve is reduced to.
        var width = 100
    }

    /// Loads a curve.
    ///
    /// A part with several points keeps its smallest and its largest value, so that no spike is
    /// lost; a smoothed curve is that of the means of the parts.
    init(
        of metric: String, run: ExperimentRun, named name: String, _ options: Options,
        in tx: any Transaction
    ) throws {
        self.name = name
        last = run.metrics[metric]?.last ?? .nan
        let buckets = try tx.metrics.buckets(of: run.id, metric: metric, count: options.width)
        var smooth = RunningMean(weight: options.smoothing)
        let start = run.startedAt ?? run.createdAt
        for bucket in buckets {
            nans += bucket.nanCount
            for (step, value) in Self.extremes(of: bucket, isSmoothed: options.smoothing > 0) {
                let y = keep(value, isLogarithmic: options.isLogarithmic)
                let x: Double
                switch options.x {
                case .step: x = Double(step)
                case .time, .relative:
                    let points = try tx.metrics.history(of: run.id, metric: metric, in: step...step)
                    guard let time = points.first?.timestamp else { continue }
                    x =
                        options.x == .time
                        ? time.timeIntervalSince1970 : time.timeIntervalSince(start)
                }
                points.append((x, y.isNaN ? y : smooth.add(y)))
            }
            // Somewhere in the part the curve is interrupted.
            if bucket.nanCount > 0, let x = points.last?.x { points.append((x, .nan)) }
        }
    }

    /// The points that stand for a part of the curve, in order.
    private static func extremes(
        of bucket: MetricBucket, isSmoothed: Bool
    ) -> [(step: Int64, value: Double)] {
        if isSmoothed { return [(bucket.lastStep, bucket.mean)] }
        let low = (bucket.minimumStep, bucket.minimum)
        let high = (bucket.maximumStep, bucket.maximum)
        if low.0 == high.0 || bucket.minimum.isNaN { return [low] }
        return low.0 < high.0 ? [low, high] : [high, low]
    }

    /// The value, or NaN for one that the chart cannot show, which is noted.
    private mutating func keep(_ value: Double, isLogarithmic: Bool) -> Double {
        if value.isInfinite {
            if value > 0 { reachesInfinity = true } else { reachesNegativeInfinity = true }
            return .nan
        }
        if isLogarithmic, value <= 0 {
            notPositive += 1
            return .nan
        }
        return value
    }
}

/// A mean in which older values weigh less, without the pull of its start towards zero.
private struct RunningMean {
    let weight: Double
    private var sum = 0.0
    private var share = 1.0

    init(weight: Double) { self.weight = weight }

    mutating func add(_ value: Double) -> Double {
        guard weight > 0 else { return value }
        sum = sum * weight + value * (1 - weight)
        share *= weight
        return sum / (1 - share)
    }
}
