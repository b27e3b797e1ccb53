import Foundation

/// The kinds of model that are compared.
public enum ModelKind: String, Codable, Sendable {
    /// One layer.
    case softmaxRegression = "softmax-regression"
    /// One hidden layer.
    case perceptron

    /// Reads the stored weights of a classifier of this kind.
    public func classifier(from weights: Data) throws -> any Classifier {
        switch self {
        case .softmaxRegression: try JSONDecoder().decode(SoftmaxRegression.self, from: weights)
        case .perceptron: try JSONDecoder().decode(Perceptron.self, from: weights)
        }
    }
}

/// What is fixed for one training run.
public struct Hyperparameters: Codable, Sendable {
    /// The kind of model.
    public var kind: ModelKind
    /// The width of the perceptron's hidden layer.
    public var hiddenWidth: Int?
    /// The learning rate of the first epoch; it falls linearly to a tenth in the last.
    public var learningRate: Double
    /// The share of the last step that goes into the next one.
    public var momentum = 0.9
    /// The images of one step.
    public var batchSize = 32
    /// How often each image is seen.
    public var epochs: Int
    /// The seed of the initial weights and of the order of the examples.
    public var seed: Int

    /// Sets what differs between runs.
    public init(
        kind: ModelKind, hiddenWidth: Int? = nil, learningRate: Double, epochs: Int, seed: Int
    ) {
        self.kind = kind
        self.hiddenWidth = hiddenWidth
        self.learningRate = learningRate
        self.epochs = epochs
        self.seed = seed
    }

    /// A name for people.
    public var name: String {
        let width = hiddenWidth.map { "-\($0)" } ?? ""
        return "\(kind.rawValue)\(width) rate \(learningRate) seed \(seed)"
    }

    func learningRate(inEpoch epoch: Int) -> Double {
        learningRate * (1 - 0.9 * Double(epoch - 1) / Double(max(1, epochs - 1)))
    }

    /// A classifier that has learnt nothing yet.
    public func makeClassifier() -> any Classifier {
        switch kind {
        case .softmaxRegression: SoftmaxRegression(seed: seed)
        case .perceptron: Perceptron(hiddenWidth: hiddenWidth ?? 32, seed: seed)
        }
    }
}

/// What is known at the end of an epoch.
public struct Epoch: Sendable {
    /// Its number, from 1.
    public var number: Int
    /// The last step taken.
    public var step: Int
    /// The learning rate.
    public var learningRate: Double
    /// The score on what was learnt from.
    public var train: Score
    /// The score on what was not.
    public var heldOut: Score
}

extension Classifier {
    /// Learns by mini-batch gradient descent with momentum.
    ///
    /// This is a plain synchronous loop, as training loops are; the callbacks are called in it,
    /// the first after each step with its number, from 1, and the mean loss of its batch.
    public mutating func fit(
        train: DigitImages, heldOut: DigitImages, _ hyperparameters: Hyperparameters,
        onStep: (Int, Double) -> Void, onEpoch: (Epoch) -> Void
    ) {
        var generator = SeededGenerator(seed: hyperparameters.seed)
        var order = Array(0..<train.count)
        var step = 0
        for number in 1...hyperparameters.epochs {
            order.shuffle(using: &generator)
            let rate = hyperparameters.learningRate(inEpoch: number)
            for start in stride(from: 0, to: order.count, by: hyperparameters.batchSize) {
                let batch = order[start..<min(start + hyperparameters.batchSize, order.count)]
                var loss: Float = 0
                for index in batch {
                    loss += learn(train.images[index], label: train.labels[index])
                }
                update(
                    rate: Float(rate) / Float(batch.count),
                    momentum: Float(hyperparameters.momentum))
                step += 1
                onStep(step, Double(loss) / Double(batch.count))
            }
            onEpoch(
                Epoch(
                    number: number, step: step, learningRate: rate, train: score(on: train),
                    heldOut: score(on: heldOut)))
        }
    }
}
