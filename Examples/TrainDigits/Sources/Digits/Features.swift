import Foundation
import MLOpsOperations

/// What is watched of an image: how much ink it has, how strong, and where.
public struct Features {
    /// The names of the numbers.
    public static let names = ["ink", "contrast", "center_x", "center_y"]

    /// The numbers by name.
    public let numbers: [String: Double]

    /// Measures an image.
    public init(_ image: [Float]) {
        let pixels = image.map { Double($0) }
        let ink = pixels.reduce(0, +)
        let width = 8
        func center(_ coordinate: (Int) -> Int) -> Double {
            let sum = pixels.enumerated().reduce(0) {
                $0 + $1.element * Double(coordinate($1.offset))
            }
            return sum / max(ink, .leastNormalMagnitude)
        }
        let mean = ink / Double(pixels.count)
        let variance = pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels.count)
        numbers = [
            "ink": mean, "contrast": variance.squareRoot(), "center_x": center { $0 % width },
            "center_y": center { $0 / width },
        ]
    }

    /// The profile of the images that a model was trained on, and of the digits they show.
    public static func profile(of dataset: DigitImages) throws -> ReferenceProfile {
        let rows = dataset.images.map { Features($0).numbers }
        let columns = names.map { name in
            (name: name, values: DriftColumn.numeric(rows.map { $0[name] ?? .nan }))
        }
        let digits = DriftColumn.categorical(dataset.labels.map { "\($0)" })
        return try ReferenceProfile(of: columns + [(name: "digit", values: digits)])
    }
}
