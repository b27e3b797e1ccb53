import MLOpsCore

/// Pearson's chi-square tests of counts.
public struct ChiSquare: Sendable, Hashable {
    /// The statistic.
    public let statistic: Double
    /// The degrees of freedom.
    public let degreesOfFreedom: Int
    /// The probability of at least this statistic under the hypothesis.
    public let pValue: Double

    /// The result for a statistic with its degrees of freedom.
    init(statistic: Double, degreesOfFreedom: Int) {
        self.statistic = statistic
        self.degreesOfFreedom = degreesOfFreedom
        pValue =
            degreesOfFreedom == 0
            ? 1 : GammaFunction.upperRegularized(Double(degreesOfFreedom) / 2, statistic / 2)
    }

    /// Tests whether the rows of a table of counts have the same distribution.
    ///
    /// With Yates's correction each difference of a table of 2 by 2 shrinks by 1/2, but not below
    /// 0; it changes no other table. A table of one row or column has the statistic 0 and p 1.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for rows of different lengths, a count that is
    ///   negative or not finite, and for a row or column without counts, which expects nothing.
    public static func contingency(
        _ rows: [[Double]], yatesCorrection: Bool = false
    ) throws -> ChiSquare {
        guard let width = rows.first?.count, width > 0, rows.allSatisfy({ $0.count == width })
        else { throw StoreError(.invalidValue, "A table has rows of one length, at least 1.") }
        try requireCounts(rows.joined())
        let rowSums = rows.map(\.compensatedSum)
        let columnSums = (0..<width).map { column in rows.map { $0[column] }.compensatedSum }
        guard (rowSums + columnSums).allSatisfy({ $0 > 0 }) else {
            throw StoreError(.invalidValue, "A row or column of the table has no counts.")
        }
        let total = rowSums.compensatedSum
        let degrees = (rows.count - 1) * (width - 1)
        guard degrees > 0 else { return ChiSquare(statistic: 0, degreesOfFreedom: 0) }
        let correction = yatesCorrection && degrees == 1 ? 0.5 : 0
        var statistic = CompensatedSum()
        for (row, rowSum) in zip(rows, rowSums) {
            for (count, columnSum) in zip(row, columnSums) {
                let expected = rowSum * columnSum / total
                let difference = max(abs(count - expected) - correction, 0)
                statistic.add(difference * difference / expected)
            }
        }
        return ChiSquare(statistic: statistic.value, degreesOfFreedom: degrees)
    }

    /// Tests whether counts have the expected distribution.
    ///
    /// - Throws: `StoreError` with `.invalidValue` when the numbers of counts differ or are 0, an
    ///   expected count is 0, a count is negative or not finite, or the sums differ by more than
    ///   1e-8 of the smaller.
    public static func goodnessOfFit(_ observed: [Double], expected: [Double]) throws -> ChiSquare {
        guard observed.count == expected.count, !observed.isEmpty else {
            throw StoreError(.invalidValue, "Each count needs one expected count.")
        }
        try requireCounts(observed + expected)
        guard expected.allSatisfy({ $0 > 0 }) else {
            throw StoreError(.invalidValue, "An expected count is 0.")
        }
        let (sum, expectedSum) = (observed.compensatedSum, expected.compensatedSum)
        guard abs(sum - expectedSum) <= 1e-8 * min(sum, expectedSum) else {
            throw StoreError(.invalidValue, "Observed and expected counts have different sums.")
        }
        let statistic = zip(observed, expected).map { ($0 - $1) * ($0 - $1) / $1 }.compensatedSum
        return ChiSquare(statistic: statistic, degreesOfFreedom: observed.count - 1)
    }

    private static func requireCounts(_ counts: some Sequence<Double>) throws {
        guard counts.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw StoreError(.invalidValue, "Counts are finite and at least 0.")
        }
    }
}
