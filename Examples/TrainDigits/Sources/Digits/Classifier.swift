import Foundation

/// A model that gives an image a score for each digit and learns from examples.
public protocol Classifier: Codable, Sendable {
    /// The scores of the digits, before softmax.
    func scores(for image: [Float]) -> [Float]

    /// Adds the gradients of one example and returns its loss, the cross-entropy.
    mutating func learn(_ image: [Float], label: Int) -> Float

    /// Moves the parameters against the gradients added since the last update.
    mutating func update(rate: Float, momentum: Float)
}

/// How well a classifier does on a data set.
public struct Score: Sendable {
    /// The mean cross-entropy.
    public var loss: Double
    /// The share of images that are recognised.
    public var accuracy: Double

    /// Combines a loss and an accuracy.
    public init(loss: Double, accuracy: Double) {
        self.loss = loss
        self.accuracy = accuracy
    }
}

extension Classifier {
    /// How well it does on a data set.
    public func score(on dataset: DigitImages) -> Score {
        var loss: Float = 0
        var correct = 0
        for (image, label) in zip(dataset.images, dataset.labels) {
            var scores = scores(for: image)
            if scores.max() == scores[label] { correct += 1 }
            loss += Self.crossEntropy(&scores, label: label)
        }
        let count = Double(dataset.count)
        return Score(loss: Double(loss) / count, accuracy: Double(correct) / count)
    }

    /// Returns the cross-entropy of scores after softmax, and turns them into its gradients.
    static func crossEntropy(_ scores: inout [Float], label: Int) -> Float {
        // The highest score is taken off so that exp cannot overflow.
        let highest = scores.max() ?? 0
        let logit = scores[label] - highest
        scores = scores.map { exp($0 - highest) }
        let sum = scores.reduce(0, +)
        scores = scores.map { $0 / sum }
        scores[label] -= 1
        return log(sum) - logit
    }
}
