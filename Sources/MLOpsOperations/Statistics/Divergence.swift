import Foundation
import MLOpsCore

/// Distances between two distributions over the same bins or categories.
///
/// They take one weight for each bin, such as its count, and count it as a share of the sum. All
/// throw `StoreError` with `.invalidValue` when the numbers of bins differ or are 0, a weight is
/// negative or not finite, or all weights of a distribution are 0.
public enum Divergence {
    /// What stands for an empty bin where a share of 0 has no logarithm.
    public static let emptyShare = 1e-4

    /// The Jensen-Shannon distance: the root of the divergence, 0 to 1 in base 2.
    ///
    /// Half the Kullback-Leibler divergences of both distributions from their mean (Lin, 1991).
    public static func jensenShannonDistance(
        _ first: [Double], _ second: [Double], base: Double = 2
    ) throws -> Double {
        let (p, q) = try shares(first, second)
        let divergence =
            zip(p, q).map { p, q in
                let mean = (p + q) / 2
                return information(p, mean) + information(q, mean)
            }.compensatedSum / 2
        return (divergence / log(base)).squareRoot()
    }

    /// p ln(p/m) - p + m, which is never negative; the additions cancel in a sum over all bins.
    private static func information(_ p: Double, _ m: Double) -> Double {
        guard m > 0 else { return 0 }
        guard p > 0 else { return m }
        let excess = (p - m) / m
        guard abs(excess) < 0.05 else { return p * log(p / m) - (p - m) }
        // (1 + e) ln(1 + e) - e = e²/2 - e³/6 + e⁴/12 - ...
        var (power, sum, k) = (excess * excess, 0.0, 2.0)
        while abs(power) > 1e-17 * abs(sum) {
            sum += power / (k * (k - 1))
            power *= -excess
            k += 1
        }
        return m * sum
    }

    /// The Kullback-Leibler divergence of `first` from `second`, Σ p ln(p/q), in nats.
    ///
    /// Infinite when a bin of `second` is empty and that of `first` is not. An `emptyShare`
    /// replaces the shares of 0, after which both distributions are made to sum to 1 again.
    public static func kullbackLeibler(
        _ first: [Double], _ second: [Double], emptyShare: Double = 0
    ) throws -> Double {
        let filled = try shares(first, second, emptyShare)
        let (p, q) = try shares(filled.0, filled.1)
        return zip(p, q).map { p, q in p == 0 ? 0 : q == 0 ? .infinity : p * log(p / q) }
            .compensatedSum
    }

    /// The Hellinger distance √(Σ (√p - √q)² / 2), 0 to 1.
    public static func hellinger(_ first: [Double], _ second: [Double]) throws -> Double {
        let (p, q) = try shares(first, second)
        let squares = zip(p, q).map { pow($0.squareRoot() - $1.squareRoot(), 2) }
        return (squares.compensatedSum / 2).squareRoot()
    }

    /// The population stability index Σ (p - q) ln(p/q), with `emptyShare` for shares of 0.
    public static func populationStability(
        _ first: [Double], _ second: [Double], emptyShare: Double = Divergence.emptyShare
    ) throws -> Double {
        let (p, q) = try shares(first, second, emptyShare)
        return zip(p, q).map { p, q in
            p == q ? 0 : p == 0 || q == 0 ? .infinity : (p - q) * log(p / q)
        }.compensatedSum
    }

    private static func shares(
        _ first: [Double], _ second: [Double], _ emptyShare: Double = 0
    ) throws -> ([Double], [Double]) {
        guard first.count == second.count, !first.isEmpty else {
            throw StoreError(
                .invalidValue, "Two distributions are compared over the same bins, at least one.")
        }
        func shares(_ weights: [Double]) throws -> [Double] {
            let total = weights.compensatedSum
            guard weights.allSatisfy({ $0 >= 0 }), total > 0, total.isFinite else {
                throw StoreError(
                    .invalidValue, "The weights of bins are finite, at least 0, and not all 0.")
            }
            return weights.map { $0 == 0 ? emptyShare : $0 / total }
        }
        return (try shares(first), try shares(second))
    }
}
