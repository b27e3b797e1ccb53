/// Shares of values that need no distribution.
public enum Shares {
    /// The share of missing values among all, 0 to 1; `nil` without any.
    public static func missing(_ values: [Double]) -> Double? {
        share(values.count(where: \.isNaN), of: values.count)
    }

    /// The share of missing values among all, 0 to 1; `nil` without any.
    public static func missing(_ values: [String?]) -> Double? {
        share(values.count { $0 == nil }, of: values.count)
    }

    /// The share of values, without missing ones, whose category the reference does not have.
    ///
    /// Between 0 and 1; `nil` without values.
    public static func unseen(_ values: [String?], reference: Set<String>) -> Double? {
        let present = values.compactMap { $0 }
        return share(present.count { !reference.contains($0) }, of: present.count)
    }

    /// The share of values, without NaN, that lie outside of a range.
    ///
    /// Between 0 and 1; `nil` without values.
    public static func unseen(_ sample: SortedSample, range: ClosedRange<Double>) -> Double? {
        share(count(sample, outside: range), of: sample.count)
    }

    static func count(_ sample: SortedSample, outside range: ClosedRange<Double>) -> Int {
        let below = sample.values.partitionPoint { $0 < range.lowerBound }
        let above = sample.count - sample.values.partitionPoint { $0 <= range.upperBound }
        return below + above
    }

    /// One number of values over another; `nil` for none of none.
    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }
}
