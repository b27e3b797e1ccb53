import Foundation

/// The regularized incomplete gamma function, accurate to the smallest doubles.
enum GammaFunction {
    /// The upper function Q(a, x), for a > 0 and x >= 0.
    ///
    /// The power series of P below a + 1, and Lentz's continued fraction of Q above (Abramowitz and
    /// Stegun 6.5.29 and 6.5.31). Their common factor is taken in logarithms.
    static func upperRegularized(_ a: Double, _ x: Double) -> Double {
        guard !x.isNaN, a > 0 else { return .nan }
        guard x > 0 else { return 1 }
        guard x.isFinite else { return 0 }
        return x < a + 1 ? 1 - lowerSeries(a, x) : factor(a, x) * continuedFraction(a, x)
    }

    private static func lowerSeries(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var denominator = a
        while term > sum * 1e-17 {
            denominator += 1
            term *= x / denominator
            sum += term
        }
        return min(factor(a, x) * sum, 1)
    }

    private static func continuedFraction(_ a: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var fraction = d
        var step = 1.0
        while true {
            let numerator = step * (a - step)
            b += 2
            d = numerator * d + b
            if abs(d) < tiny { d = tiny }
            c = b + numerator / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            fraction *= c * d
            // It converges after about the square root of a steps; the bound is a safeguard.
            if abs(c * d - 1) < 1e-16 || step > 1_000_000 { return fraction }
            step += 1
        }
    }

    /// x^a e^-x / Γ(a), from the deviation of x from a, so that large terms do not cancel.
    private static func factor(_ a: Double, _ x: Double) -> Double {
        let excess = (x - a) / a
        let exponent = a * (log1p(excess) - excess) - stirlingError(a)
        // Halved, so that a factor below the smallest double loses no digits before its product.
        let half = exp(exponent / 2)
        return half * (a / (2 * .pi)).squareRoot() * half
    }

    /// ln Γ(a + 1) - ((a + 1/2) ln a - a + ln √(2π)), the error of Stirling's formula.
    ///
    /// Its asymptotic series from 16 on (Abramowitz and Stegun 6.1.41); 0 for a = 0 by convention.
    static func stirlingError(_ a: Double) -> Double {
        guard a > 0 else { return 0 }
        guard a >= 16 else {
            return log(tgamma(a + 1)) - (a + 0.5) * log(a) + a - 0.5 * log(2 * .pi)
        }
        let square = 1 / (a * a)
        let series =
            1.0 / 12 - square
            * (1.0 / 360 - square
                * (1.0 / 1260 - square
                    * (1.0 / 1680 - square * (1.0 / 1188 - square * 691 / 360_360))))
        return series / a
    }
}
