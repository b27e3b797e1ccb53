import Foundation

/// The kinds of model that are compared.
enum ModelKind: String, Codable, Sendable {
    case softmaxRegression = "softmax-regression"
    case perceptron

    /// Reads the stored weights of a classifier of this kind.
    func classifier(from weights: Data) throws -> any Classifier {
        switch self {
        case .softmaxRegression: try JSONDecoder().decode(SoftmaxRegression.self, from: weights)
        case .perceptron: try JSONDecoder().decode(Perceptron.self, from: weights)
        }
    }
}

/// What is fixed for one training run.
struct Hyperparameters: Codable, Sendable {
    var kind: ModelKind
    /// The width of the perceptron's hidden layer.
    var hiddenWidth: Int?
    /// The learning rate of the first epoch; it falls linearly to a tenth in the last.
    var learningRate: Double
    var momentum = 0.9
    var batchSize = 32
    var epochs: Int
    /// The seed of the initial weights and of the order of the examples.
    var seed: Int

    /// A name for people.
    var name: String {
        let width = hiddenWidth.map { "-\($0)" } ?? ""
        return "\(kind.rawValue)\(width) rate \(learningRate) seed \(seed)"
    }

    func learningRate(inEpoch epoch: Int) -> Double {
        learningRate * (1 - 0.9 * Double(epoch - 1) / Double(max(1, epochs - 1)))
    }

    /// A classifier that has learnt nothing yet.
    func makeClassifier() -> any Classifier {
        switch kind {
        case .softmaxRegression: SoftmaxRegression(seed: seed)
        case .perceptron: Perceptron(hiddenWidth: hiddenWidth ?? 32, seed: seed)
        }
    }
}

/// What is known at the end of an epoch.
struct Epoch: Sendable {
    /// Its number, from 1.
    var number: Int
    /// The last step taken.
    var step: Int
    var learningRate: Double
    var train: Score
    var heldOut: Score
}

extension Classifier {
    /// Learns by mini-batch gradient descent with momentum.
    ///
    /// This is a plain synchronous loop, as training loops are; the callbacks are called in it,
    /// the first after each step with its number, from 1, and the mean loss of its batch.
    mutating func fit(
        train: Dataset, heldOut: Dataset, _ hyperparameters: Hyperparameters,
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
