/// Multinomial logistic regression: one layer between the pixels and the digits.
struct SoftmaxRegression: Classifier {
    private var layer: DenseLayer

    init(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        layer = DenseLayer(
            inputs: DigitImages.pixelCount, outputs: DigitImages.classCount, using: &generator)
    }

    func scores(for image: [Float]) -> [Float] { layer.outputs(for: image) }

    mutating func learn(_ image: [Float], label: Int) -> Float {
        var gradients = scores(for: image)
        let loss = Self.crossEntropy(&gradients, label: label)
        layer.accumulate(gradients, for: image)
        return loss
    }

    mutating func update(rate: Float, momentum: Float) {
        layer.update(rate: rate, momentum: momentum)
    }
}
