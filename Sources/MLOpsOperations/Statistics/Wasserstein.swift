import MLOpsCore

/// The Wasserstein-1 distance: the area between two distribution functions.
///
/// In the unit of the values. Infinite when the samples have different shares of an infinity.
public enum Wasserstein {
    /// The distance between two samples.
    ///
    /// - Throws: `StoreError` with `.invalidValue` when a sample has no values.
    public static func distance(_ first: SortedSample, _ second: SortedSample) throws -> Double {
        try SortedSample.requireValues(first, second)
        let scale = min(first.scale, second.scale)
        return first.values.withUnsafeBufferPointer { first in
            second.values.withUnsafeBufferPointer { second in area(first, second, scale) / scale }
        }
    }

    /// The distance over the reference's standard deviation, or over 0.001 if that is smaller.
    ///
    /// - Throws: `StoreError` with `.invalidValue` when a sample has no values.
    public static func normedDistance(
        reference: SortedSample, current: SortedSample
    ) throws -> Double {
        try distance(reference, current) / norm(reference.moments?.standardDeviation)
    }

    /// The divisor of a normed distance.
    static func norm(_ standardDeviation: Double?) -> Double { max(standardDeviation ?? 0, 0.001) }

    /// The distance between two samples whose values have weights.
    ///
    /// Weights are counted as shares of their sum. A value that is NaN is left out with its weight.
    ///
    /// - Throws: `StoreError` with `.invalidValue` when weights and values differ in number, or a
    ///   weight is negative or not finite, or a sum of weights is 0 or not finite.
    public static func distance(
        _ first: [Double], weights firstWeights: [Double], _ second: [Double],
        weights secondWeights: [Double]
    ) throws -> Double {
        let points = [
            try weighted(first, firstWeights).map { (value: $0, first: $1, second: 0.0) },
            try weighted(second, secondWeights).map { (value: $0, first: 0.0, second: $1) },
        ].joined().sorted { $0.value < $1.value }
        var (reached, area) = (CompensatedSum(), CompensatedSum())
        for (point, next) in zip(points, points.dropFirst()) {
            reached.add(point.first)
            reached.add(-point.second)
            let gap = next.value - point.value
            if gap > 0, abs(reached.value) > 1e-15 { area.add(abs(reached.value) * gap) }
        }
        return area.value
    }

    private static func weighted(
        _ values: [Double], _ weights: [Double]
    ) throws -> [(Double, Double)] {
        guard values.count == weights.count else {
            throw StoreError(.invalidValue, "Each value needs one weight.", field: "weights")
        }
        let pairs = zip(values, weights).filter { !$0.0.isNaN }
        let total = pairs.map(\.1).compensatedSum
        guard pairs.allSatisfy({ $0.1 >= 0 }), total > 0, total.isFinite else {
            throw StoreError(
                .invalidValue, "Weights are finite, at least 0, and not all 0.", field: "weights")
        }
        return pairs.map { ($0.0, $0.1 / total) }
    }

    private static func area(
        _ first: UnsafeBufferPointer<Double>, _ second: UnsafeBufferPointer<Double>,
        _ scale: Double
    ) -> Double {
        let (n1, n2) = (first.count, second.count)
        var (i, j) = (0, 0)
        var area = CompensatedSum()
        var last = min(first[0], second[0])
        while i < n1 || j < n2 {
            let value =
                i == n1 ? second[j] : j == n2 ? first[i] : min(first[i], second[j])
            // In whole numbers, so that equal shares differ by exactly 0.
            let difference = abs(i * n2 - j * n1)
            if difference != 0, value > last {
                area.add(Double(difference) * (value * scale - last * scale))
            }
            while i < n1, first[i] == value { i += 1 }
            while j < n2, second[j] == value { j += 1 }
            last = value
        }
        return area.value / (Double(n1) * Double(n2))
    }
}
