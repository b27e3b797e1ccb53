import Foundation

/// Quantiles of a stream in bounded memory.
///
/// The KLL sketch (Karnin, Lang and Liberty, Optimal Quantile Approximation in Streams, 2016): a
/// full level is sorted, and every second of its values moves to the next level, where it counts
/// twice. With the usual size a quantile's rank is off by less than 1 % of the number of values,
/// and by 0 until the first level is full. The same values in the same order, with the same seed,
/// give the same sketch.
public struct QuantileSketch: Sendable {
    /// The number of values, without NaN.
    public private(set) var count = 0
    /// The least value; `nil` without values.
    public private(set) var minimum: Double?
    /// The greatest value; `nil` without values.
    public private(set) var maximum: Double?

    private let size: Int
    private var generator: SeededGenerator
    /// The values of each level; one of level h stands for 2^h values.
    private var levels: [[Double]] = [[]]
    private var stored = 0
    private var capacity: Int

    /// The number of values that are kept.
    var storedCount: Int { stored }

    /// Makes an empty sketch.
    ///
    /// - Parameters:
    ///   - size: The capacity of the highest level, at least 8. All levels together hold less than
    ///     three times as many values, apart from two for each level; the error is about 2.3 /
    ///     `size`.
    ///   - seed: The seed of the choices between neighbours.
    public init(size: Int = 512, seed: UInt64 = 0) {
        self.size = max(size, 8)
        capacity = self.size
        generator = SeededGenerator(seed: seed)
    }

    /// Adds a value; NaN is ignored.
    public mutating func insert(_ value: Double) {
        guard !value.isNaN else { return }
        count += 1
        minimum = min(minimum ?? value, value)
        maximum = max(maximum ?? value, value)
        levels[0].append(value)
        stored += 1
        if stored > capacity { compact() }
    }

    /// Adds the values of another sketch.
    ///
    /// The error stays the same when both have the same size.
    public mutating func merge(_ other: QuantileSketch) {
        guard let least = other.minimum, let greatest = other.maximum else { return }
        count += other.count
        minimum = min(minimum ?? least, least)
        maximum = max(maximum ?? greatest, greatest)
        while levels.count < other.levels.count { grow() }
        for (level, values) in other.levels.enumerated() { levels[level] += values }
        stored += other.stored
        while stored > capacity { compact() }
    }

    /// The value at a rank of `probability`, 0 to 1; `nil` without values.
    ///
    /// One of the values: the first that at least this share of all values does not exceed.
    public func quantile(_ probability: Double) -> Double? { quantiles([probability])[0] }

    /// The values at several ranks, as ``quantile(_:)`` gives them.
    public func quantiles(_ probabilities: [Double]) -> [Double?] {
        let weighted = levels.enumerated().flatMap { level, values in
            values.map { (value: $0, weight: 1 << level) }
        }.sorted { $0.value < $1.value }
        var reached = 0
        let ends = weighted.map { item in
            reached += item.weight
            return reached
        }
        return probabilities.map { probability in
            guard probability > 0 else { return minimum }
            guard probability < 1 else { return maximum }
            let rank = probability * Double(reached)
            let index = ends.partitionPoint { Double($0) < rank }
            return index < weighted.count ? weighted[index].value : maximum
        }
    }

    /// How many values a level holds before it is compacted.
    ///
    /// The highest level holds the most, each below it two thirds of that.
    private func capacity(of level: Int) -> Int {
        let depth = Double(levels.count - 1 - level)
        return max(Int((Double(size) * pow(2.0 / 3, depth)).rounded(.up)), 2)
    }

    private mutating func grow() {
        levels.append([])
        capacity = levels.indices.reduce(0) { $0 + capacity(of: $1) }
    }

    /// Compacts the lowest full level: one of every two neighbours moves up, the other is dropped.
    private mutating func compact() {
        guard let level = levels.indices.first(where: { levels[$0].count >= capacity(of: $0) })
        else { return }
        if level == levels.count - 1 { grow() }
        var values = levels[level]
        values.sort()
        levels[level].removeAll(keepingCapacity: true)
        // An odd one stays where it is, at either end by chance.
        let draw = generator.next()
        if values.count % 2 == 1 {
            levels[level].append(draw & 2 == 0 ? values.removeLast() : values.removeFirst())
        }
        for index in stride(from: Int(draw & 1), to: values.count, by: 2) {
            levels[level + 1].append(values[index])
        }
        stored -= values.count / 2
    }
}
