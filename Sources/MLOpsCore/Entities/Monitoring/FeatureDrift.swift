/// The difference of one feature's data from the reference.
public struct FeatureDrift: Sendable, Hashable, Codable {
    /// The test or distance, such as `psi` or `ks`.
    public let method: String
    /// The value of the test or distance.
    public let statistic: Double
    /// The probability of such data without drift, 0 to 1; `nil` for a distance.
    public let pValue: Double?
    /// The threshold of the p-value or, without one, of the statistic.
    public let threshold: Double
    /// The number of values in the reference.
    public let referenceCount: Int
    /// The number of values in the period.
    public let currentCount: Int
    /// The share of the period's values that are missing, 0 to 1.
    public let nullFraction: Double?
    /// The two distributions; `nil` when the method has no bins.
    public let bins: [DriftBin]?
    /// Whether there is drift.
    public let isDrift: Bool

    /// Describes a feature.
    public init(
        method: String,
        statistic: Double,
        pValue: Double? = nil,
        threshold: Double,
        referenceCount: Int,
        currentCount: Int,
        nullFraction: Double? = nil,
        bins: [DriftBin]? = nil,
        isDrift: Bool
    ) {
        self.method = method
        self.statistic = statistic
        self.pValue = pValue
        self.threshold = threshold
        self.referenceCount = referenceCount
        self.currentCount = currentCount
        self.nullFraction = nullFraction
        self.bins = bins
        self.isDrift = isDrift
    }
}

/// One bin or category of a feature's two distributions.
public struct DriftBin: Sendable, Hashable, Codable {
    /// The category, or the range in words.
    public let label: String
    /// The share of the reference that falls in it, 0 to 1.
    public let reference: Double
    /// The share of the period that falls in it, 0 to 1.
    public let current: Double

    /// Describes a bin.
    public init(label: String, reference: Double, current: Double) {
        self.label = label
        self.reference = reference
        self.current = current
    }
}

extension FeatureDrift: JSONConvertible {
    /// One member for each property, in snake case, without those that are `nil`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "method": .string(method),
            "statistic": statistic.json,
            "threshold": threshold.json,
            "reference_count": .int(Int64(referenceCount)),
            "current_count": .int(Int64(currentCount)),
            "is_drift": .bool(isDrift),
        ]
        members["p_value"] = pValue?.json
        members["null_fraction"] = nullFraction?.json
        members["bins"] = bins.map { .array($0.map(\.json)) }
        return .object(members)
    }

    /// Reads the members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "feature drift")
        method = try fields.string("method")
        statistic = try fields.double("statistic")
        pValue = try fields.optional("p_value", fields.double)
        threshold = try fields.double("threshold")
        referenceCount = try fields.int("reference_count")
        currentCount = try fields.int("current_count")
        nullFraction = try fields.optional("null_fraction", fields.double)
        bins = try fields.optional("bins", fields.array)?.map { try DriftBin(json: $0) }
        isDrift = try fields.bool("is_drift")
    }
}

extension DriftBin: JSONConvertible {
    /// The members `label`, `reference` and `current`.
    public var json: JSONValue {
        ["label": .string(label), "reference": reference.json, "current": current.json]
    }

    /// Reads the three members.
    public init(json: JSONValue) throws {
        let fields = JSONFields(json, of: "drift bin")
        label = try fields.string("label")
        reference = try fields.double("reference")
        current = try fields.double("current")
    }
}
