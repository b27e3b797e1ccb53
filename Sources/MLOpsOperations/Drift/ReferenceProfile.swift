public import Foundation
import MLOpsCore

/// What is kept of reference data, such as the training data, to compare later data with.
///
/// Its size is bounded whatever the size of the data. The same data give the same profile.
public struct ReferenceProfile: Sendable, Hashable {
    /// The version of the JSON form.
    public static let version = 1

    /// How much a profile keeps of each feature.
    public struct Limits: Sendable, Hashable {
        /// The most values of a sample of numbers.
        public var sample: Int
        /// The most categories with a count of their own.
        public var categories: Int

        /// Sets the limits, each at least 1.
        public init(sample: Int = 4096, categories: Int = 256) {
            self.sample = max(sample, 1)
            self.categories = max(categories, 1)
        }

        /// Keeps everything.
        public static let none = Limits(sample: .max, categories: .max)
    }

    /// The features, in the order in which they were given.
    public let features: [FeatureProfile]

    /// Makes the profile of named columns.
    ///
    /// - Parameters:
    ///   - columns: The columns, each with its name.
    ///   - limits: How much to keep of each.
    ///   - seed: The seed of the samples.
    /// - Throws: `StoreError` with `.invalidValue` when two columns have one name, or a name is
    ///   longer than `String.maximumNameBytes` or holds a NUL character.
    public init(
        of columns: [(name: String, values: DriftColumn)], limits: Limits = Limits(),
        seed: UInt64 = 0
    ) throws {
        try self.init(
            features: columns.map { name, values in
                switch values {
                case .numeric(let values):
                    FeatureProfile(name: name, numbers: values, limit: limits.sample, seed: seed)
                case .categorical(let values):
                    FeatureProfile(name: name, categories: values, limit: limits.categories)
                }
            })
    }

    private init(features: [FeatureProfile]) throws {
        var names: Set<String> = []
        for feature in features where !names.insert(feature.name).inserted {
            throw StoreError(
                .invalidValue, "Two features of a reference profile have the name \(feature.name).",
                entity: "reference profile", field: "name")
        }
        for feature in features {
            let size = feature.name.utf8.count
            guard size <= String.maximumNameBytes, !feature.name.utf8.contains(0) else {
                throw StoreError(
                    .invalidValue,
                    "The name of a feature has \(size) bytes; it has at most "
                        + "\(String.maximumNameBytes), and no NUL character.",
                    entity: "reference profile", field: "name")
            }
        }
        self.features = features
    }

    /// The feature of a name; `nil` when there is none.
    public subscript(name: String) -> FeatureProfile? { features.first { $0.name == name } }
}

extension ReferenceProfile: Codable {
    private enum CodingKeys: String, CodingKey { case version, features }

    /// Reads a profile and checks that it is consistent.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for an unknown version or inconsistent content,
    ///   `DecodingError` for members that are missing or of another type.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let version = try fields.decode(Int.self, forKey: .version)
        guard version == Self.version else {
            throw StoreError(
                .invalidValue,
                "The reference profile has version \(version); this library reads "
                    + "\(Self.version).", entity: "reference profile", field: "version")
        }
        try self.init(features: fields.decode([FeatureProfile].self, forKey: .features))
    }

    /// Writes the version and the features.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.version, forKey: .version)
        try fields.encode(features, forKey: .features)
    }

    /// The profile as JSON with sorted keys; equal profiles give the same bytes.
    public func jsonData() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// Reads a profile from JSON.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for what is no consistent profile of this
    ///   version; the message names the place.
    public init(jsonData: Data) throws {
        do {
            self = try JSONDecoder().decode(ReferenceProfile.self, from: jsonData)
        } catch let error as DecodingError {
            throw StoreError(
                .invalidValue, "This is no reference profile: \(error.place).",
                entity: "reference profile")
        }
    }
}

extension DecodingError {
    /// What is wrong, and where in the document, such as `features.0.count`.
    fileprivate var place: String {
        let context: Context?
        var problem = "a value has another type"
        switch self {
        case .keyNotFound(let key, let found):
            context = found
            problem = "\(key.stringValue) is missing"
        case .typeMismatch(_, let found): context = found
        case .valueNotFound(_, let found): context = found
        case .dataCorrupted(let found):
            context = found
            problem = "the content is damaged"
        @unknown default: context = nil
        }
        let path = context?.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } ?? []
        return path.isEmpty ? problem : "\(problem) in \(path.joined(separator: "."))"
    }
}
