import MLOpsCore

/// The values of a sample in ascending order, sorted once for all statistics.
///
/// NaN is a missing value: it is counted and left out. Infinities are values like any other; the
/// moments leave them out.
public struct SortedSample: Sendable, Hashable {
    /// The values that are not NaN, ascending.
    public let values: [Double]
    /// The number of NaN.
    public let nulls: Int

    /// The number of values that are not NaN.
    public var count: Int { values.count }

    /// Sorts values.
    public init(_ values: [Double]) {
        var kept: [Double] = []
        kept.reserveCapacity(values.count)
        var nulls = 0
        for value in values {
            if value.isNaN { nulls += 1 } else { kept.append(value) }
        }
        RadixSort.sort(&kept)
        self.values = kept
        self.nulls = nulls
    }

    /// A sample of values that are ascending already, without NaN.
    init(sorted values: [Double]) {
        self.values = values
        nulls = 0
    }

    /// The quantile at `probability`, 0 to 1; `nil` for an empty sample.
    ///
    /// Interpolates linearly between neighbours in NumPy's order of operations, so that equal data
    /// give the same bits (method 7 of Hyndman and Fan, 1996). Next to an infinity it takes the
    /// nearer neighbour.
    public func quantile(_ probability: Double) -> Double? {
        guard let last = values.indices.last, !probability.isNaN else { return nil }
        let position = Double(last) * min(max(probability, 0), 1)
        let below = Int(position.rounded(.down))
        let (low, high) = (values[below], values[min(below + 1, last)])
        let share = position - Double(below)
        guard share > 0 else { return low }
        guard low.isFinite, high.isFinite else { return share < 0.5 ? low : high }
        let difference = high - low
        return share < 0.5 ? low + difference * share : high - difference * (1 - share)
    }

    /// The mean and the standard deviation of the finite values; `nil` without any.
    ///
    /// The deviation is that of the population: its divisor is the number of values.
    public var moments: (mean: Double, standardDeviation: Double)? {
        let finite = finiteValues
        guard !finite.isEmpty else { return nil }
        let (count, scale) = (Double(finite.count), scale)
        let mean = finite.lazy.map { $0 * scale }.compensatedSum / count
        let squares = finite.lazy.map { ($0 * scale - mean) * ($0 * scale - mean) }
        return (mean / scale, (squares.compensatedSum / count).squareRoot() / scale)
    }

    /// A power of two that keeps squares and sums of the finite values from overflowing.
    ///
    /// It is 1 for all but huge values, so that it changes no digit.
    var scale: Double {
        let finite = finiteValues
        return max(abs(finite.first ?? 0), abs(finite.last ?? 0)) > 0x1p400 ? 0x1p-700 : 1
    }

    private var finiteValues: ArraySlice<Double> {
        values[
            values.partitionPoint { $0 == -.infinity }..<values.partitionPoint { $0 < .infinity }]
    }

    /// - Throws: `StoreError` with `.invalidValue` when a sample has no values.
    static func requireValues(_ samples: SortedSample...) throws {
        guard samples.allSatisfy({ !$0.values.isEmpty }) else {
            throw StoreError(
                .invalidValue, "A sample has no values; compare samples with at least one each.")
        }
    }
}
