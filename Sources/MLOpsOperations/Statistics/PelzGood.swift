import Foundation

/// The expansion of Pelz and Good for the Kolmogorov-Smirnov statistic of many values.
///
/// Approximating the Lower Tail-Areas of the Kolmogorov-Smirnov One-Sample Statistic, Journal of
/// the Royal Statistical Society B 38 (1976): K0 + K1/√n + K2/n + K3/n√n, in the notation of Simard
/// and L'Ecuyer (2011).
enum PelzGood {
    /// The probability of at most `x`.
    static func cumulative(_ x: Double, _ n: Int) -> Double {
        let root = Double(n).squareRoot()
        let z = root * x
        let z2 = z * z
        let z4 = z2 * z2
        let z6 = z4 * z2
        // Over k + 1/2 for K0 to K3, and over k for the second sums of K2 and K3.
        var (k0, k1, k2, k3) = (0.0, 0.0, 0.0, 0.0)
        var (whole2, whole3) = (0.0, 0.0)
        // From the smallest terms to the largest.
        for k in stride(from: Int((16 * z / .pi).rounded(.up)) + 1, through: 0, by: -1) {
            let u = pow(.pi * (Double(k) + 0.5), 2)
            let weight = exp(-u / (2 * z2))
            k0 += weight
            k1 += weight * (u - z2)
            k2 += weight * (6 * z6 + 2 * z4 + u * (2 * z4 - 5 * z2) + u * u * (1 - 2 * z2))
            k3 +=
                weight
                * (u * u * u * (5 - 30 * z2) + u * u * (212 * z4 - 60 * z2)
                    + u * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z4 * z4)
            let v = pow(.pi * Double(k), 2)
            let wholeWeight = exp(-v / (2 * z2))
            whole2 += wholeWeight * v
            whole3 += wholeWeight * v * (3 * z2 - v)
        }
        // The sums run over all integers; each term so far stands for two.
        let scale = 2 * (Double.pi / 2).squareRoot()
        k0 *= scale / z
        k1 *= scale / (6 * z4)
        k2 = scale * (k2 / (72 * z6 * z) - whole2 / (36 * z2 * z))
        k3 = scale * (k3 / (6480 * z6 * z4) + whole3 / (216 * z6))
        return k0 + (k1 + (k2 + k3 / root) / root) / root
    }
}
