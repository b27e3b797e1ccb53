import Foundation
import MLOpsCore

extension SampleStory {
    /// A feature of the fraud classifier, with the shares of its bins in the training data.
    private struct Feature {
        let name: String
        let bins: [(label: String, share: Double)]

        static let all = [
            Feature(
                name: "merchant_category",
                bins: [
                    ("grocery", 0.38), ("travel", 0.22), ("electronics", 0.17), ("gaming", 0.08),
                    ("other", 0.15),
                ]),
            Feature(
                name: "transaction_amount",
                bins: [("0-20", 0.31), ("20-100", 0.42), ("100-500", 0.21), ("500+", 0.06)]),
            Feature(
                name: "country", bins: [("SE", 0.44), ("DE", 0.27), ("FR", 0.18), ("other", 0.11)]),
            Feature(
                name: "device_age_days", bins: [("0-7", 0.09), ("7-90", 0.33), ("90+", 0.58)]),
        ]
    }

    /// The population stability index above which the sample reports drift.
    private static let threshold = 0.2

    /// Makes one report for each day of the week, half an hour after its end.
    ///
    /// Saturday's purchases shift from groceries to games and electronics, and Sunday's shift a
    /// little.
    mutating func makeDriftReports(_ service: Service) throws -> [DataDriftReport] {
        let reports = (0..<7).map { day in
            let shift = day == 5 ? 1.0 : day == 6 ? 0.45 : 0
            let count = 9000 + Int(2500 * random.noise())
            var features: [String: FeatureDrift] = [:]
            for feature in Feature.all {
                features[feature.name] = drift(
                    of: feature, shift: feature.name == "merchant_category" ? shift : 0,
                    count: count)
            }
            let made = time(day + 1, 0, 30)
            return DataDriftReport(
                id: id(made), deployment: service.deployment,
                driftScore: features.values.map(\.statistic).max() ?? 0,
                driftThreshold: Self.threshold, featureDrift: features,
                reportData: ["rows": .int(Int64(count)), "reference": "training data of 1.0.0"],
                periodStart: time(day, 0), periodEnd: time(day + 1, 0), createdAt: made)
        }
        return try view(engineer, time(7, 1)).driftReports.insert(contentsOf: reports)
    }

    private mutating func drift(of feature: Feature, shift: Double, count: Int) -> FeatureDrift {
        let shifted: [String: Double] = ["grocery": -0.55, "gaming": 1.6, "electronics": 1]
        let weights = feature.bins.map { bin in
            bin.share * (1 + shift * (shifted[bin.label] ?? 0) + 0.12 * random.noise())
        }
        let total = weights.reduce(0, +)
        let bins = zip(feature.bins, weights).map { bin, weight in
            DriftBin(label: bin.label, reference: bin.share, current: (weight / total).rounded6)
        }
        // Population stability index: the sum of (c - r) ln(c / r) over the bins.
        let index = bins.reduce(0) { sum, bin in
            sum + (bin.current - bin.reference) * log(bin.current / bin.reference)
        }
        return FeatureDrift(
            method: "psi", statistic: index.rounded6, threshold: Self.threshold,
            referenceCount: 50_000, currentCount: count, nullFraction: 0, bins: bins,
            isDrift: index.rounded6 > Self.threshold)
    }
}
