public import Foundation
public import MLOpsCore

/// Compares windows of data with a reference.
public struct DriftDetector: Sendable {
    /// The reference.
    public let profile: ReferenceProfile
    /// The checks of features by name.
    public let checks: [String: DriftCheck]
    /// The check of all other features.
    public let standardCheck: DriftCheck
    /// The fewest rows of a window that yields a report.
    public let minimumRows: Int
    /// The share of drifted features above which the whole window has drifted, 0 to 1.
    public let scoreThreshold: Double

    /// Makes a detector.
    ///
    /// In windows of less than 100 rows an index over ten bins often exceeds 0.2 by chance.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for a check of a feature that the reference does
    ///   not have, or of categories by a method that needs numbers, or a threshold that is NaN.
    public init(
        profile: ReferenceProfile, checks: [String: DriftCheck] = [:],
        standardCheck: DriftCheck = DriftCheck(), minimumRows: Int = 100,
        scoreThreshold: Double = 0.3
    ) throws {
        for (name, check) in checks {
            guard let feature = profile[name] else {
                throw StoreError(
                    .invalidValue, "The reference has no feature \(name).", field: name)
            }
            try feature.requireFit(check)
        }
        for feature in profile.features where checks[feature.name] == nil {
            try feature.requireFit(standardCheck)
        }
        guard !scoreThreshold.isNaN else {
            throw StoreError(.invalidValue, "The threshold of the score is NaN.")
        }
        self.profile = profile
        self.checks = checks
        self.standardCheck = standardCheck
        self.minimumRows = minimumRows
        self.scoreThreshold = scoreThreshold
    }

    /// Compares each feature of the reference that the window has, in the reference's order.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for numbers where the reference has categories,
    ///   or the reverse.
    public func compare(_ columns: [String: DriftColumn]) throws -> [DriftResult] {
        try profile.features.flatMap { feature in
            try columns[feature.name].map {
                try feature.compare($0, by: [checks[feature.name] ?? standardCheck])
            } ?? []
        }
    }

    /// Makes the report of a window; `nil` when it has less than ``minimumRows`` rows.
    ///
    /// The score is the share of drifted features among those with a statistic, 0 without any. The
    /// others are in the member `not_compared` of the data, with the reason.
    ///
    /// - Throws: `StoreError` with `.invalidValue` for numbers where the reference has categories,
    ///   or the reverse.
    public func report(
        _ columns: [String: DriftColumn], deployment: Identifier<Deployment>, from start: Date,
        to end: Date
    ) throws -> DataDriftReport? {
        try report(columns, deployment: deployment, from: start, to: end, observed: nil)
    }

    /// Makes the report of a window.
    ///
    /// - Parameter observed: How many rows those of the window were drawn from.
    func report(
        _ columns: [String: DriftColumn], deployment: Identifier<Deployment>, from start: Date,
        to end: Date, observed: Int?
    ) throws -> DataDriftReport? {
        let rows = columns.values.map(\.count).max() ?? 0
        guard rows >= minimumRows, rows > 0 else { return nil }
        let results = try compare(columns)
        var features: [String: FeatureDrift] = [:]
        var skipped: [String: JSONValue] = [:]
        for feature in profile.features where columns[feature.name] == nil {
            skipped[feature.name] = "the window has no such column"
        }
        for name in columns.keys where profile[name] == nil {
            skipped[name] = "the reference has no such column"
        }
        for result in results {
            features[result.feature] = result.featureDrift
            skipped[result.feature] = result.reason.map { .string($0) }
        }
        let drifted = features.values.count(where: \.isDrift)
        let isTooLong = features.values.map(\.sizeOfBins).reduce(0, +) > Self.mostBytesOfBins
        if isTooLong { features = features.mapValues { $0.withoutBins } }
        var data = data(rows: rows, results: results, skipped: skipped)
        if isTooLong { data["bins"] = "left out, for there are too many" }
        data["observed_rows"] = observed.map { .int(Int64($0)) }
        return DataDriftReport(
            deployment: deployment, driftScore: Double(drifted) / Double(max(features.count, 1)),
            driftThreshold: scoreThreshold, featureDrift: features,
            reportData: .object(data), periodStart: start, periodEnd: end)
    }

    /// A store refuses documents of more than 1 MiB; this leaves room for all but the bins.
    private static let mostBytesOfBins = 1 << 19

    private func data(
        rows: Int, results: [DriftResult], skipped: [String: JSONValue]
    ) -> [String: JSONValue] {
        var nulls: [String: JSONValue] = [:]
        var edges: [String: JSONValue] = [:]
        var samples: [String: JSONValue] = [:]
        for result in results {
            nulls[result.feature] = [
                "reference": .int(Int64(result.referenceNulls)),
                "current": .int(Int64(result.currentNulls)),
            ]
            guard case .numeric(let profile) = profile[result.feature]?.content else { continue }
            if result.bins != nil {
                edges[result.feature] = .array(profile.bins.edges.map(Self.json))
            }
            if result.method.isNumeric {
                samples[result.feature] = .int(Int64(profile.sample.count))
            }
        }
        return [
            "rows": .int(Int64(rows)), "nulls": .object(nulls), "edges": .object(edges),
            "reference_samples": .object(samples),
            "not_compared": .object(skipped), "empty_share": .double(Divergence.emptyShare),
            "js_base": 2, "kl_direction": "reference from current",
        ]
    }

    /// A number as JSON, which has no infinities.
    private static func json(_ number: Double) -> JSONValue {
        if number.isFinite { return .double(number) }
        return .string(number > 0 ? "Infinity" : "-Infinity")
    }
}

extension FeatureDrift {
    /// About how many bytes the bins need in a document, at most.
    fileprivate var sizeOfBins: Int {
        // A control character takes six.
        (bins ?? []).reduce(0) { $0 + 80 + 6 * $1.label.utf8.count }
    }

    fileprivate var withoutBins: FeatureDrift {
        FeatureDrift(
            method: method, statistic: statistic, pValue: pValue, threshold: threshold,
            referenceCount: referenceCount, currentCount: currentCount,
            nullFraction: nullFraction, isDrift: isDrift)
    }
}
