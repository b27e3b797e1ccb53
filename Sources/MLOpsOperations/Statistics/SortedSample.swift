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
        guard low.isFinite, high.isFinite else { return share < 0.5 ? low : high }
        let difference = high - low
        return share < 0.5 ? low + difference * share : high - difference * (1 - share)
    }

    /// The mean and the standard deviation of the finite values; `nil` without any.
    ///
    /// The deviation is that of the population: its divisor is the number of values.
    public var moments: (mean: Double, standardDeviation: Double)? {
        let finite = values.lazy.filter(\.isFinite)
        var total = CompensatedSum()
        var count = 0.0
        for value in finite {
            total.add(value)
            count += 1
        }
        guard count > 0 else { return nil }
        let mean = total.value / count
        var squares = CompensatedSum()
        for value in finite { squares.add((value - mean) * (value - mean)) }
        return (mean, (squares.value / count).squareRoot())
    }

    /// - Throws: `StoreError` with `.invalidValue` when a sample has no values.
    static func requireValues(_ samples: SortedSample...) throws {
        guard samples.allSatisfy({ !$0.values.isEmpty }) else {
            throw StoreError(
                .invalidValue, "A sample has no values; compare samples with at least one each.")
        }
    }
}
