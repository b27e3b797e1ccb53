import MLOpsCore

extension FeatureProfile: Codable {
    fileprivate enum CodingKeys: String, CodingKey {
        case name, kind, count, nulls, edges, counts, mean, minimum, maximum, sample, categories
        case other
        case standardDeviation = "standard_deviation"
    }

    private enum Kind: String, Codable { case numeric, categorical }

    /// Reads a feature and checks that its counts, edges and sample are consistent.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        count = try fields.decode(Int.self, forKey: .count)
        nulls = try fields.decode(Int.self, forKey: .nulls)
        switch try fields.decode(Kind.self, forKey: .kind) {
        case .numeric: content = .numeric(try NumericProfile(fields))
        case .categorical:
            content = .categorical(
                CategoricalProfile(
                    categories: try fields.decode(
                        [CategoricalProfile.Category].self, forKey: .categories),
                    other: try fields.decode(Int.self, forKey: .other)))
        }
        guard let problem else { return }
        throw StoreError(
            .invalidValue,
            "The reference profile of the feature \(name) is inconsistent: \(problem).",
            entity: "reference profile", field: name)
    }

    /// Writes the feature; infinities become the texts `Infinity` and `-Infinity`.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(count, forKey: .count)
        try fields.encode(nulls, forKey: .nulls)
        switch content {
        case .numeric(let profile):
            try fields.encode(Kind.numeric, forKey: .kind)
            try fields.encode(profile.bins.edges.map(ExtendedNumber.init), forKey: .edges)
            try fields.encode(profile.counts, forKey: .counts)
            try fields.encodeIfPresent(profile.mean.map(ExtendedNumber.init), forKey: .mean)
            try fields.encodeIfPresent(
                profile.standardDeviation.map(ExtendedNumber.init), forKey: .standardDeviation)
            try fields.encodeIfPresent(profile.minimum.map(ExtendedNumber.init), forKey: .minimum)
            try fields.encodeIfPresent(profile.maximum.map(ExtendedNumber.init), forKey: .maximum)
            try fields.encode(profile.sample.values.map(ExtendedNumber.init), forKey: .sample)
        case .categorical(let profile):
            try fields.encode(Kind.categorical, forKey: .kind)
            try fields.encode(profile.categories, forKey: .categories)
            try fields.encode(profile.other, forKey: .other)
        }
    }

    /// What is inconsistent; `nil` when nothing is.
    private var problem: String? {
        guard count >= 0, nulls >= 0 else { return "a count is negative" }
        switch content {
        case .numeric(let profile): return profile.problem(count: count)
        case .categorical(let profile): return profile.problem(count: count)
        }
    }

    /// The sum of counts; `nil` when one is negative or the sum overflows.
    fileprivate static func sum(_ counts: [Int]) -> Int? {
        counts.reduce(0 as Int?) { sum, count in
            guard let sum, count >= 0 else { return nil }
            let (total, overflows) = sum.addingReportingOverflow(count)
            return overflows ? nil : total
        }
    }
}

extension NumericProfile {
    fileprivate init(_ fields: KeyedDecodingContainer<FeatureProfile.CodingKeys>) throws {
        func numbers(_ key: FeatureProfile.CodingKeys) throws -> [Double] {
            try fields.decode([ExtendedNumber].self, forKey: key).map(\.value)
        }
        func number(_ key: FeatureProfile.CodingKeys) throws -> Double? {
            try fields.decodeIfPresent(ExtendedNumber.self, forKey: key)?.value
        }
        bins = Bins(edges: try numbers(.edges))
        counts = try fields.decode([Int].self, forKey: .counts)
        mean = try number(.mean)
        standardDeviation = try number(.standardDeviation)
        minimum = try number(.minimum)
        maximum = try number(.maximum)
        sample = SortedSample(try numbers(.sample))
    }

    fileprivate func problem(count: Int) -> String? {
        guard zip(bins.edges, bins.edges.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return "the edges do not ascend"
        }
        guard counts.count == bins.count else {
            return "the bins and their counts differ in number"
        }
        guard FeatureProfile.sum(counts) == count else {
            return "the bins do not hold as many values as the feature"
        }
        guard sample.count <= count, sample.values.isEmpty == (count == 0) else {
            return "the sample does not fit the number of values"
        }
        guard (minimum == nil) == (count == 0), (maximum == nil) == (count == 0),
            (mean == nil) == (standardDeviation == nil), standardDeviation ?? 0 >= 0
        else { return "a moment is missing or negative" }
        let (least, greatest) = (minimum ?? 0, maximum ?? 0)
        guard least <= greatest, sample.values.first ?? least >= least,
            sample.values.last ?? greatest <= greatest
        else { return "a value lies outside of minimum and maximum" }
        return nil
    }
}

extension CategoricalProfile {
    fileprivate func problem(count: Int) -> String? {
        guard FeatureProfile.sum(categories.map(\.count) + [other]) == count else {
            return "the categories do not hold as many values as the feature"
        }
        guard Set(categories.map(\.name)).count == categories.count else {
            return "two categories have one name"
        }
        return nil
    }
}

/// A number that may be infinite, which JSON cannot write as a number.
private struct ExtendedNumber: Codable {
    let value: Double

    init(_ value: Double) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            value = number
            return
        }
        switch try container.decode(String.self) {
        case "Infinity": value = .infinity
        case "-Infinity": value = -.infinity
        default:
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "A number, Infinity or -Infinity is expected.")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if value.isFinite {
            try container.encode(value)
        } else {
            try container.encode(value > 0 ? "Infinity" : "-Infinity")
        }
    }
}
