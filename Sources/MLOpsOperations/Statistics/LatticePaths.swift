/// The exact distribution of the two-sample Kolmogorov-Smirnov statistic.
///
/// Under the hypothesis every order of the pooled values is equally likely. An order is a path from
/// (0, 0) to (m, n); the statistic is at least h / lcm(m, n) when the path touches a point (i, j)
/// with |i n' - j m'| >= h, where m' and n' are m and n without their common divisor (Hodges, The
/// significance probability of the Smirnov two-sample test, 1958).
enum LatticePaths {
    /// The probability of a statistic of at least h / lcm(m, n).
    static func probability(_ m: Int, _ n: Int, divisor: Int, h: Int) -> Double {
        guard h > 0 else { return 1 }
        return m == n ? square(n, h) : rectangle(max(m, n), min(m, n), divisor, h)
    }

    /// Equal sizes: 2 Σ (-1)^(k-1) C(2n, n - kh) / C(2n, n), k >= 1, from the inside out.
    private static func square(_ n: Int, _ h: Int) -> Double {
        var probability = 0.0
        for k in stride(from: n / h, to: 0, by: -1) {
            // The k-th term over the one before.
            var ratio = 1.0
            let offset = (k - 1) * h
            for j in 0..<h {
                ratio *= Double(n - offset - j) / Double(n + offset + j + 1)
            }
            probability = ratio * (1 - probability)
        }
        return min(2 * probability, 1)
    }

    /// Unequal sizes: the probability of a touch on the way to (i, j), row after row.
    ///
    /// The last step to (i, j) comes from (i - 1, j) with probability i / (i + j).
    private static func rectangle(_ m: Int, _ n: Int, _ divisor: Int, _ h: Int) -> Double {
        let (mPart, nPart) = (m / divisor, n / divisor)
        var touched = [Double](repeating: 1, count: n + 1)
        let inverse = (0...m + n).map { 1 / Double(max($0, 1)) }
        return touched.withUnsafeMutableBufferPointer { touched in
            inverse.withUnsafeBufferPointer { inverse in
                for i in 0...m {
                    let lower = i * nPart - h
                    let first = lower < 0 ? 0 : lower / mPart + 1
                    let last = min((i * nPart + h - 1) / mPart, n)
                    guard first <= last else { return 1 }
                    var value = first == 0 ? 0.0 : 1
                    for j in first...last {
                        let share = inverse[i + j]
                        value = touched[j] * (Double(i) * share) + value * (Double(j) * share)
                        touched[j] = value
                    }
                }
                return min(touched[n], 1)
            }
        }
    }
}
