import Digits
import Foundation

/// What images go through before they are read.
struct Scanner: Sendable {
    /// By how many pixels an image moves to the right.
    var shift = 0
    /// The standard deviation of what is added to each pixel.
    var noise = 0.0

    /// How long one scan takes, in milliseconds; the example adds it up and does not wait.
    static let milliseconds = 15.0

    /// Scans an image; another scan of it has other noise.
    func scan(_ image: [Float], using generator: inout SeededGenerator) -> [Float] {
        let width = 8
        return image.indices.map { index in
            let column = index % width - shift
            let pixel = column < 0 ? 0 : image[index - shift]
            return min(max(pixel + Float(noise * Self.normal(&generator)), 0), 1)
        }
    }

    /// A normally distributed number (Box and Muller, 1958).
    private static func normal(_ generator: inout SeededGenerator) -> Double {
        let radius = (-2 * log(Double.random(in: .leastNormalMagnitude..<1, using: &generator)))
        return radius.squareRoot() * cos(Double.random(in: 0..<2 * .pi, using: &generator))
    }
}
