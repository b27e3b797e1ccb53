import MLOpsCore

/// The curve of a metric in one line of text.
///
/// No spike is lost: a bucket with more than one value takes two cells, its smallest and its
/// largest value in the order of their steps.
enum Sparkline {
    private static let levels: [Character] = Array("▁▂▃▄▅▆▇█")
    private static let positiveInfinity: Character = "↑"
    private static let negativeInfinity: Character = "↓"
    private static let notANumber: Character = "×"

    /// The curve of a run's metric in at most `width` cells.
    static func text(
        of metric: String, run: Identifier<ExperimentRun>, in tx: any Transaction, width: Int
    ) throws -> String {
        let fine = try tx.metrics.buckets(of: run, metric: metric, count: width)
        if fine.allSatisfy({ $0.count == 1 }) { return text(fine) }
        return text(try tx.metrics.buckets(of: run, metric: metric, count: max(1, width / 2)))
    }

    /// The curve that the buckets describe.
    static func text(_ buckets: [MetricBucket]) -> String {
        let values = buckets.flatMap(cells)
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else {
            return String(values.map { symbol($0, 0, 0) })
        }
        return String(values.map { symbol($0, low, high) })
    }

    private static func cells(_ bucket: MetricBucket) -> [Double] {
        var cells: [Double]
        if bucket.nanCount == bucket.count {
            cells = [.nan]
        } else if bucket.minimum == bucket.maximum {
            cells = [bucket.minimum]
        } else if bucket.minimumStep <= bucket.maximumStep {
            cells = [bucket.minimum, bucket.maximum]
        } else {
            cells = [bucket.maximum, bucket.minimum]
        }
        // A NaN matters as much as a spike, and there is a free cell for it.
        if bucket.nanCount > 0, cells.count == 1, !cells[0].isNaN { cells.append(.nan) }
        return cells
    }

    private static func symbol(_ value: Double, _ low: Double, _ high: Double) -> Character {
        if value.isNaN { return notANumber }
        if value.isInfinite { return value > 0 ? positiveInfinity : negativeInfinity }
        guard high > low else { return levels[levels.count / 2 - 1] }
        // The difference of two large numbers overflows; that of their halves does not.
        let part = (value / 2 - low / 2) / (high / 2 - low / 2)
        guard part.isFinite else { return levels[0] }
        return levels[min(levels.count - 1, Int(part * Double(levels.count)))]
    }
}
