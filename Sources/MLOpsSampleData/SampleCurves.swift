import Foundation
import MLOpsCore

/// One combination of the fraud classifier's tuning grid.
struct SampleGridPoint {
    static let epochs: Int64 = 20

    let learningRate: Double
    let maxDepth: Int64

    /// All combinations, in the order of their runs.
    static let all: [SampleGridPoint] = [0.03, 0.1, 0.3, 1.0].flatMap { rate in
        [4, 6, 8].map { SampleGridPoint(learningRate: rate, maxDepth: $0) }
    }

    /// The last combination runs out of memory in this epoch.
    var epochOfFailure: Int64? { learningRate == 1 && maxDepth == 8 ? 8 : nil }

    var name: String { "eta=\(learningRate) max_depth=\(maxDepth)" }

    var parameters: JSONValue {
        [
            "eta": .double(learningRate), "max_depth": .int(maxDepth), "subsample": 0.8,
            "objective": "binary:logistic",
        ]
    }

    /// The metrics of one epoch.
    ///
    /// Losses fall faster at a higher rate, and a high rate with deep trees overfits. Rate 0.1 with
    /// depth 6 is the best, apart from noise.
    func metrics(epoch: Int64, _ random: inout SampleRandom) -> KeyValuePairs<String, Double> {
        let progress = 20 * learningRate * Double(epoch)
        let learned = progress / (1 + progress)
        let excess = max(0, learningRate * Double(maxDepth) - 0.9) * 0.002 * Double(epoch)
        let (floor, ceiling) =
            switch maxDepth {
            case 4: (0.215, 0.952)
            case 6: (0.190, 0.968)
            default: (0.192, 0.966)
            }
        return [
            "train_loss": (0.693 - (0.693 - floor * 0.8) * learned + random.noise() * 0.003)
                .rounded6,
            "val_loss": (0.693 - (0.693 - floor) * learned + excess + random.noise() * 0.005)
                .rounded6,
            "val_auc": (0.5 + (ceiling - 0.5) * learned - excess / 2 + random.noise() * 0.0008)
                .rounded6,
        ]
    }
}

extension SampleRandom {
    /// The metrics of an epoch of the run with a leaked feature: implausibly good.
    mutating func leakedMetrics(epoch: Int64) -> KeyValuePairs<String, Double> {
        let learned = 2.4 * Double(epoch) / (1 + 2.4 * Double(epoch))
        return [
            "train_loss": (0.693 - 0.623 * learned + noise() * 0.002).rounded6,
            "val_loss": (0.693 - 0.611 * learned + noise() * 0.003).rounded6,
            "val_auc": (0.5 + 0.497 * learned + noise() * 0.0006).rounded6,
        ]
    }

    /// The metrics of an epoch of the recommender.
    mutating func recommenderMetrics(epoch: Int64) -> KeyValuePairs<String, Double> {
        let learned = 0.5 * Double(epoch) / (1 + 0.5 * Double(epoch))
        return [
            "train_loss": (1.2 - 0.9 * learned + noise() * 0.01).rounded6,
            "recall_at_20": (0.08 + 0.24 * learned + noise() * 0.004).rounded6,
            "ndcg_at_20": (0.05 + 0.16 * learned + noise() * 0.003).rounded6,
        ]
    }
}
