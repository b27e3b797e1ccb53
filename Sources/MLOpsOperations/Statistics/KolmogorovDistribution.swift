import Foundation

/// The distribution of the two-sided one-sample Kolmogorov-Smirnov statistic of `n` values.
///
/// The choice of methods follows Simard and L'Ecuyer, Computing the Two-Sided Kolmogorov-Smirnov
/// Distribution, Journal of Statistical Software 39 (2011), with SciPy's limits between them.
enum KolmogorovDistribution {
    /// The probability of a statistic above `x`, for n >= 1.
    static func survival(_ x: Double, n: Int) -> Double {
        let size = Double(n)
        let t = size * x
        guard t > 0.5 else { return 1 }
        guard x < 1 else { return 0 }
        if t <= 1 { return 1 - nearlyEven(t, n) }
        let square = t * x
        // Both tails cannot be exceeded at once from 1/2 on, and hardly further out.
        if x >= 0.5 || square > 4 && n <= 140 { return min(2 * oneSided(x, n), 1) }
        if n <= 140 { return 1 - MatrixPower.cumulative(t, n) }
        if square >= 370 { return 0 }
        if square >= 2.2 { return min(2 * oneSided(x, n), 1) }
        let cumulative =
            n <= 100_000 && size * pow(x, 1.5) <= 1.4
            ? MatrixPower.cumulative(t, n) : PelzGood.cumulative(x, n)
        return min(max(1 - cumulative, 0), 1)
    }

    /// The probability of at most t/n for 1/2 < t <= 1: n! ((2t - 1) / n)^n (Ruben and Gambino).
    private static func nearlyEven(_ t: Double, _ n: Int) -> Double {
        // n!/n^n is about e^-n, which 1 does not notice.
        guard n <= 140 else { return 0 }
        return (1...n).reduce(1) { $0 * Double($1) / Double(n) * (2 * t - 1) }
    }

    /// The probability that the one-sided statistic is at least `x`, exactly.
    ///
    /// The sum of Birnbaum and Tingey (1951), x Σ C(n,j) (x + j/n)^(j-1) (1 - x - j/n)^(n-j) for j
    /// <= n(1 - x). A term is x / (x + j/n) times a binomial probability, whose logarithm Loader's
    /// saddle-point form (2000) gives without cancellation. All terms are positive.
    static func oneSided(_ x: Double, _ n: Int) -> Double {
        let size = Double(n)
        let t = size * x
        let last = Int((size * (1 - x)).rounded(.down))
        let stirling = GammaFunction.stirlingError(size)
        var sum = CompensatedSum()
        sum.add(exp(size * log1p(-x)))
        guard last >= 1 else { return sum.value }
        for index in 1...last {
            let j = Double(index)
            let rest = size - j
            guard rest - t > 0 else { break }
            let exponent =
                j * log1p(t / j) + rest * log1p(-t / rest) + stirling
                - GammaFunction.stirlingError(j) - GammaFunction.stirlingError(rest)
            guard exponent > -750 else { continue }
            sum.add(
                exp(exponent) * t / (t + j) * (size / (2 * .pi * j * rest)).squareRoot())
        }
        return sum.value
    }
}
