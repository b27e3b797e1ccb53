import MLOpsCore

/// What a profile keeps of one feature.
public struct FeatureProfile: Sendable, Hashable {
    /// The name of the feature.
    public let name: String
    /// The number of values that are not missing.
    public let count: Int
    /// The number of missing values.
    public let nulls: Int
    /// What is kept of the values.
    public let content: Content

    /// What is kept of a feature's values.
    public enum Content: Sendable, Hashable {
        /// Of numbers.
        case numeric(NumericProfile)
        /// Of categories.
        case categorical(CategoricalProfile)
    }

    /// The share of the values that are missing, 0 to 1; 0 without values.
    public var nullFraction: Double { Self.fraction(nulls, of: count) }

    /// The share of `nulls` among them and `count` others.
    static func fraction(_ nulls: Int, of count: Int) -> Double {
        nulls == 0 ? 0 : Double(nulls) / (Double(nulls) + Double(count))
    }

    init(name: String, numbers: [Double], limit: Int, seed: UInt64) {
        let sorted = SortedSample(numbers)
        self.name = name
        count = sorted.count
        nulls = sorted.nulls
        let bins = Bins(decilesOf: sorted)
        var sample = SortedSample(sorted: sorted.values)
        if sorted.count > limit {
            var reservoir = Reservoir<Double>(limit: limit, seed: seed)
            for number in numbers where !number.isNaN { reservoir.add(number) }
            sample = SortedSample(reservoir.elements)
        }
        content = .numeric(
            NumericProfile(
                bins: bins, counts: bins.counts(of: sorted), moments: sorted.moments,
                minimum: sorted.values.first, maximum: sorted.values.last, sample: sample))
    }

    init(name: String, categories: [String?], limit: Int) {
        self.name = name
        let counts = CategoricalProfile.counts(categories)
        nulls = categories.count - counts.values.reduce(0, +)
        count = categories.count - nulls
        let ordered = counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
        content = .categorical(
            CategoricalProfile(
                categories: ordered.prefix(limit).map { .init(name: $0.key, count: $0.value) },
                other: ordered.dropFirst(limit).reduce(0) { $0 + $1.value }))
    }
}

/// What a profile keeps of numbers.
public struct NumericProfile: Sendable, Hashable {
    /// Ranges between the deciles of the reference.
    public let bins: Bins
    /// The number of values in each bin.
    public let counts: [Int]
    /// The mean of the finite values; `nil` without any.
    public let mean: Double?
    /// The standard deviation of the finite values, of the population; `nil` without any.
    public let standardDeviation: Double?
    /// The least value; `nil` without values.
    public let minimum: Double?
    /// The greatest value; `nil` without values.
    public let maximum: Double?
    /// All values, or an evenly drawn sample of them when they exceed the limit.
    public let sample: SortedSample

    init(
        bins: Bins, counts: [Int], moments: (mean: Double, standardDeviation: Double)?,
        minimum: Double?, maximum: Double?, sample: SortedSample
    ) {
        self.bins = bins
        self.counts = counts
        mean = moments?.mean
        standardDeviation = moments?.standardDeviation
        self.minimum = minimum
        self.maximum = maximum
        self.sample = sample
    }
}

/// What a profile keeps of categories.
public struct CategoricalProfile: Sendable, Hashable {
    /// A category and its count.
    public struct Category: Sendable, Hashable, Codable {
        /// The name.
        public let name: String
        /// How often it occurs.
        public let count: Int
    }

    /// The most frequent categories, those first; equally frequent ones by name.
    public let categories: [Category]
    /// The number of values in all other categories.
    public let other: Int

    /// The longest name of a category that is kept whole, in bytes.
    private static let longestName = 1024

    /// A category's name, cut alike in references and in windows.
    static func bounded(_ name: String) -> String {
        guard name.utf8.count > longestName else { return name }
        return String(decoding: name.utf8.prefix(longestName), as: UTF8.self)
    }

    /// How often each category occurs.
    static func counts(_ values: [String?]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for case let value? in values { counts[bounded(value), default: 0] += 1 }
        return counts
    }
}
