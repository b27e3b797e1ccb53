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
    private let seed: UInt64
    private var generator: SeededGenerator
    /// The values of each level; one of level h stands for 2^h values.
    ///
    /// Those from `capacities.count` on are empty, and keep their memory.
    private var levels: [[Double]] = [[]]
    /// How many values each level in use holds before it is compacted.
    private var capacities: [Int]
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
        self.seed = seed
        capacity = self.size
        capacities = [capacity]
        generator = SeededGenerator(seed: seed)
    }

    /// Makes the sketch as it was at first, but keeps its memory for the values to come.
    mutating func removeAll() {
        for level in capacities.indices { levels[level].removeAll(keepingCapacity: true) }
        (count, minimum, maximum, stored) = (0, nil, nil, 0)
        capacities.removeSubrange(1...)
        capacities[0] = size
        capacity = size
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
        while capacities.count < other.capacities.count { grow() }
        for level in other.capacities.indices { levels[level] += other.levels[level] }
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

    /// Adds a level.
    ///
    /// The highest level holds the most, each below it two thirds of that.
    private mutating func grow() {
        capacities.append(size)
        if levels.count < capacities.count { levels.append([]) }
        for level in capacities.indices {
            let depth = Double(capacities.count - 1 - level)
            capacities[level] = max(Int((Double(size) * pow(2.0 / 3, depth)).rounded(.up)), 2)
        }
        capacity = capacities.reduce(0, +)
    }

    /// Compacts the lowest full level: one of every two neighbours moves up, the other is dropped.
    private mutating func compact() {
        guard let level = capacities.indices.first(where: { levels[$0].count >= capacities[$0] })
        else { return }
        if level == capacities.count - 1 { grow() }
        levels[level].withUnsafeMutableBufferPointer(ShellSort.sort)
        let count = levels[level].count
        // An odd one stays where it is, at either end by chance.
        let draw = generator.next()
        let kept = count % 2 == 0 ? 0 : 1
        let first = kept == 1 && draw & 2 != 0 ? 1 : 0
        for index in stride(from: first + Int(draw & 1), to: first + count - kept, by: 2) {
            levels[level + 1].append(levels[level][index])
        }
        if kept == 1, first == 0 { levels[level].swapAt(0, count - 1) }
        levels[level].removeSubrange(kept...)
        stored -= count / 2
    }
}
