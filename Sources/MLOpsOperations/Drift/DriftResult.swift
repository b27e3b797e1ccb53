public import MLOpsCore

/// The comparison of one feature with its reference by one method.
public struct DriftResult: Sendable, Hashable {
    /// The name of the feature.
    public let feature: String
    /// The method.
    public let method: DriftMethod
    /// The value of the test or distance; `nil` when there is nothing to compare.
    public let statistic: Double?
    /// The p-value of a test, 0 to 1; `nil` for a distance.
    public let pValue: Double?
    /// The threshold of the p-value or distance.
    public let threshold: Double
    /// The number of the reference's values, without missing ones.
    public let referenceCount: Int
    /// The number of the window's values, without missing ones.
    public let currentCount: Int
    /// The number of the reference's missing values.
    public let referenceNulls: Int
    /// The number of the window's missing values.
    public let currentNulls: Int
    /// The bins or categories; `nil` for a method without any.
    public let bins: [DriftBin]?
    /// Why there is no statistic; `nil` when there is one.
    public let reason: String?

    /// Whether the p-value is below the threshold, or the distance above it.
    ///
    /// Without a statistic there is no drift.
    public var isDrift: Bool {
        if let pValue { return pValue < threshold }
        return statistic.map { $0 > threshold } ?? false
    }

    /// The result in the form of a stored report; `nil` without a statistic.
    public var featureDrift: FeatureDrift? {
        statistic.map {
            FeatureDrift(
                method: method.rawValue, statistic: $0, pValue: pValue, threshold: threshold,
                referenceCount: referenceCount, currentCount: currentCount,
                nullFraction: FeatureProfile.fraction(currentNulls, of: currentCount), bins: bins,
                isDrift: isDrift)
        }
    }
}
