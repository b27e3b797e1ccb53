import Foundation
import MLOpsOperations

/// The case of drift: 20 features of `count` numbers in the reference and in the window.
extension Measure {
    static let driftFeatures = 20

    /// Seconds for all features, by four methods together and by each alone.
    func drift() throws -> [String: Figure] {
        let features = 0..<Self.driftFeatures
        let reference = features.map { feature in
            let numbers = Self.numbers(count, seed: UInt64(2 * feature), shift: 0)
            return (name: "feature \(feature)", values: DriftColumn.numeric(numbers))
        }
        let current = features.map { feature in
            DriftColumn.numeric(
                Self.numbers(count, seed: UInt64(2 * feature + 1), shift: 0.01 * Double(feature)))
        }
        func compare(_ methods: [DriftMethod]) throws -> (sum: Double, seconds: Double) {
            let start = ContinuousClock.now
            let profile = try ReferenceProfile(of: reference, limits: .none)
            let checks = methods.map { DriftCheck($0) }
            let results = try zip(profile.features, current).flatMap { feature, column in
                try feature.compare(column, by: checks)
            }
            let duration = (ContinuousClock.now - start) / .seconds(1)
            return (results.compactMap(\.statistic).reduce(0, +), duration)
        }
        let methods: [DriftMethod] = [
            .kolmogorovSmirnov, .populationStability, .wasserstein, .jensenShannon,
        ]
        var figures: [String: Figure] = [
            "four methods": .number(try compare(methods).seconds),
            "rows": .number(Double(Self.driftFeatures * count)),
        ]
        for method in methods {
            let (sum, seconds) = try compare([method])
            figures[method.rawValue] = .number(seconds)
            // The peers' answers are the same: the sums over all features are compared.
            figures["sum of \(method.rawValue)"] = .number(sum)
        }
        return figures
    }

    /// Sums of four evenly distributed numbers, as in `drift.py`.
    private static func numbers(_ count: Int, seed: UInt64, shift: Double) -> [Double] {
        (0..<count).map { index in
            var sum = 0.0
            for part in 0..<4 {
                let place = UInt64(truncatingIfNeeded: 4 * index + part + 1)
                var bits = (seed << 40) &+ place &* 0x9E37_79B9_7F4A_7C15
                bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
                bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
                sum += Double((bits ^ (bits >> 31)) >> 11) * 0x1p-53
            }
            return sum + shift
        }
    }
}
