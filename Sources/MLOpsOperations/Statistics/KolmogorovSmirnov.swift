import MLOpsCore

/// The two-sample Kolmogorov-Smirnov test, two-sided.
public struct KolmogorovSmirnov: Sendable, Hashable {
    /// How the p-value is computed.
    public enum Method: String, Sendable {
        /// Exact when no sample has more than 10,000 values, asymptotic otherwise.
        case automatic
        /// From all orders of the pooled values, in time proportional to the product of the sizes.
        case exact
        /// From the one-sample distribution of n1 n2 / (n1 + n2) values, rounded.
        case asymptotic
    }

    /// The largest distance between the two distribution functions, 0 to 1.
    public let statistic: Double
    /// The probability of at least this distance when both samples have one distribution.
    public let pValue: Double
    /// The method that was used: exact or asymptotic.
    public let method: Method

    /// Compares two samples; the results are those of SciPy's `ks_2samp`.
    ///
    /// An exact p-value is replaced by the asymptotic one when n1 n2 over the square of their
    /// common divisor exceeds 2^31. Two samples of one value have no asymptotic one, and get the
    /// exact one.
    ///
    /// - Throws: `StoreError` with `.invalidValue` when a sample has no values.
    public init(
        _ reference: SortedSample, _ current: SortedSample, method: Method = .automatic
    ) throws {
        try SortedSample.requireValues(reference, current)
        let (n1, n2) = (reference.count, current.count)
        let distance = Self.largestDistance(reference.values, current.values)
        statistic = Double(distance) / (Double(n1) * Double(n2))
        let divisor = Self.greatestCommonDivisor(n1, n2)
        let isFeasible = (n1 / divisor) * (n2 / divisor) < Int(Int32.max)
        let isExact =
            method == .exact || method == .automatic && max(n1, n2) <= 10_000 || n1 + n2 == 2
        if isExact, isFeasible {
            self.method = .exact
            pValue = LatticePaths.probability(n1, n2, divisor: divisor, h: distance / divisor)
        } else {
            self.method = .asymptotic
            let size = (Double(n1) * Double(n2) / Double(n1 + n2)).rounded(.toNearestOrEven)
            pValue = KolmogorovDistribution.survival(statistic, n: Int(size))
        }
    }

    /// The largest |i n2 - j n1|, where i and j values of the samples are at most some value.
    private static func largestDistance(_ first: [Double], _ second: [Double]) -> Int {
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                let (n1, n2) = (first.count, second.count)
                var (i, j, largest) = (0, 0, 0)
                // The distance only shrinks after the end of one sample.
                while i < n1, j < n2 {
                    let value = min(first[i], second[j])
                    while i < n1, first[i] == value { i += 1 }
                    while j < n2, second[j] == value { j += 1 }
                    largest = max(largest, abs(i * n2 - j * n1))
                }
                return largest
            }
        }
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        var (larger, smaller) = (first, second)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
