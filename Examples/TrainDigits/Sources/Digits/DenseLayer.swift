/// Outputs that are each a weighted sum of all inputs and a bias, with what it takes to learn them
/// by stochastic gradient descent.
struct DenseLayer: Sendable {
    let inputCount: Int
    let outputCount: Int

    /// The weights of the first output, of the second, and so on, and then the biases.
    private(set) var parameters: [Float]
    private var gradients: [Float]
    private var velocities: [Float]

    private var biasStart: Int { inputCount * outputCount }

    /// Weights drawn from the uniform distribution of He and others (2015), and zero biases.
    init(inputs: Int, outputs: Int, using generator: inout SeededGenerator) {
        let bound = (6 / Float(inputs)).squareRoot()
        let weights = (0..<inputs * outputs).map { _ in
            Float.random(in: -bound...bound, using: &generator)
        }
        self.init(inputs, outputs, parameters: weights + [Float](repeating: 0, count: outputs))
    }

    private init(_ inputs: Int, _ outputs: Int, parameters: [Float]) {
        inputCount = inputs
        outputCount = outputs
        self.parameters = parameters
        gradients = [Float](repeating: 0, count: parameters.count)
        velocities = gradients
    }

    func outputs(for input: [Float]) -> [Float] {
        (0..<outputCount).map { output in
            parameters[biasStart + output]
                + dot(parameters, from: output * inputCount, input, count: inputCount)
        }
    }

    /// Adds the gradients that one example gives, from those of the outputs.
    mutating func accumulate(_ outputGradients: [Float], for input: [Float]) {
        for (output, gradient) in outputGradients.enumerated() where gradient != 0 {
            add(
                gradient, times: input, to: &gradients, at: output * inputCount,
                count: inputCount)
            gradients[biasStart + output] += gradient
        }
    }

    /// The gradients of the inputs, from those of the outputs.
    func inputGradients(_ outputGradients: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: inputCount)
        for (output, gradient) in outputGradients.enumerated() {
            add(
                gradient, times: parameters, from: output * inputCount, to: &result,
                count: inputCount)
        }
        return result
    }

    /// Moves the parameters against the gradients of a batch.
    mutating func update(rate: Float, momentum: Float) {
        descend(
            &parameters, velocities: &velocities, gradients: &gradients, rate: rate,
            momentum: momentum, count: parameters.count)
    }
}

/// A layer is stored without the state of its training.
extension DenseLayer: Codable {
    private enum CodingKeys: CodingKey { case inputs, outputs, parameters }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let inputs = try container.decode(Int.self, forKey: .inputs)
        let outputs = try container.decode(Int.self, forKey: .outputs)
        let parameters = try container.decode([Float].self, forKey: .parameters)
        guard inputs > 0, outputs > 0, parameters.count == (inputs + 1) * outputs else {
            throw DecodingError.dataCorruptedError(
                forKey: .parameters, in: container,
                debugDescription: "A layer needs a weight for each input of an output, and a bias.")
        }
        self.init(inputs, outputs, parameters: parameters)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(inputCount, forKey: .inputs)
        try container.encode(outputCount, forKey: .outputs)
        try container.encode(parameters, forKey: .parameters)
    }
}
