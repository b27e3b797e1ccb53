/// A perceptron with one hidden layer of rectified linear units.
struct Perceptron: Classifier {
    private var hidden: DenseLayer
    private var output: DenseLayer

    init(hiddenWidth: Int, seed: Int) {
        var generator = SeededGenerator(seed: seed)
        hidden = DenseLayer(inputs: DigitImages.pixelCount, outputs: hiddenWidth, using: &generator)
        output = DenseLayer(inputs: hiddenWidth, outputs: DigitImages.classCount, using: &generator)
    }

    private func activations(for image: [Float]) -> [Float] {
        hidden.outputs(for: image).map { max(0, $0) }
    }

    func scores(for image: [Float]) -> [Float] { output.outputs(for: activations(for: image)) }

    mutating func learn(_ image: [Float], label: Int) -> Float {
        let activations = activations(for: image)
        var gradients = output.outputs(for: activations)
        let loss = Self.crossEntropy(&gradients, label: label)
        let hiddenGradients = zip(output.inputGradients(gradients), activations).map {
            gradient, activation in
            activation > 0 ? gradient : 0
        }
        output.accumulate(gradients, for: activations)
        hidden.accumulate(hiddenGradients, for: image)
        return loss
    }

    mutating func update(rate: Float, momentum: Float) {
        hidden.update(rate: rate, momentum: momentum)
        output.update(rate: rate, momentum: momentum)
    }
}
