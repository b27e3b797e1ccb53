import Foundation

@testable import MLOpsOperations

/// One line of `drift-cases.jsonl`, which `Scripts/drift-cases` makes with SciPy.
struct DriftCase: Decodable {
    let number: Int
    let test: String
    var a: GeneratedSample?
    var b: GeneratedSample?
    var d: Double?
    var exact: Double?
    var asymptotic: Double?
    var automatic: Double?
    var w1: Double?
    var normed: Double?
    var weighted: Double?
    var js2: Double?
    var jse: Double?
    var kl: Double?
    var hellinger: Double?
    var psi: Double?
    var p: [Double]?
    var q: [Double]?
    var rows: [[Double]]?
    var observed: [Double]?
    var expected: [Double]?
    var chi2: Double?
    var dof: Int?
    var yates: Double?
    var yates_p: Double?
    var p_value: Double?
    var n: Int?

    /// The cases of one test.
    static func of(_ test: String) throws -> [DriftCase] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Data/drift-cases.jsonl")
        let decoder = JSONDecoder()
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
            .filter { $0.range(of: Data("\"test\":\"\(test)\"".utf8)) != nil }
            .map { try decoder.decode(DriftCase.self, from: $0) }
    }
}

/// The recipe of a sample: kind, seed, count, scale and shift, as in `Scripts/drift-cases`.
struct GeneratedSample: Decodable {
    let kind: String
    let seed: UInt64
    let count: Int
    let scale: Double
    let shift: Double

    init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        kind = try fields.decode(String.self)
        seed = try fields.decode(UInt64.self)
        count = try fields.decode(Int.self)
        scale = try fields.decode(Double.self)
        shift = try fields.decode(Double.self)
    }

    static func bits(_ seed: UInt64, _ count: Int) -> [UInt64] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in generator.next() }
    }

    static func unit(_ seed: UInt64, _ count: Int) -> [Double] {
        bits(seed, count).map { Double($0 >> 11) * 0x1p-53 }
    }

    /// Weights between 0 and 1 that go with the values.
    var weights: [Double] { Self.unit(seed + 7, count) }

    var values: [Double] {
        if kind == "constant" { return Array(repeating: shift, count: count) }
        if kind.hasPrefix("ties"), let steps = UInt64(kind.dropFirst(4)) {
            return Self.bits(seed, count).map { Double($0 % steps) * scale + shift }
        }
        var values = Self.unit(seed, count)
        switch kind {
        case "skewed": values = values.map { $0 * $0 * $0 }
        case "tailed": values = values.map { 1 / ($0 + 0x1p-10) }
        case "bell":
            for (index, other) in zip(Self.unit(seed + 1, count), Self.unit(seed + 2, count))
                .enumerated()
            {
                values[index] = values[index] + other.0 + other.1 - 1.5
            }
        default: break
        }
        return values.map { $0 * scale + shift }
    }
}

/// Whether two numbers agree to 1e-9 of the expected one.
///
/// - Parameter rounding: what SciPy's own rounding may leave of a difference that is 0.
func agree(_ value: Double?, _ expected: Double?, rounding: Double = 0) -> Bool {
    guard let value, let expected else { return value == nil && expected == nil }
    // Below the smallest normal double SciPy gives 0.
    return abs(value - expected)
        <= max(1e-9 * abs(expected), rounding, Double.leastNormalMagnitude)
}
