import Foundation

/// How often values fall into bins, as a run records it.
///
/// A bin holds the values from its lower edge on and below its upper edge; the last one also its
/// upper edge. Nothing that was counted is lost: values outside of the edges, and NaN, have counts
/// of their own.
public struct RunHistogram: Sendable, Hashable {
    /// The edges of the bins, ascending; one more than there are bins.
    public let edges: [Double]
    /// The number of values in each bin.
    public let counts: [Int]
    /// The number of values below the first edge, negative infinities included.
    public let below: Int
    /// The number of values above the last edge, infinities included.
    public let above: Int
    /// The number of values that are NaN.
    public let nans: Int

    /// The most bins.
    public static let maximumBins = 4096

    /// The number of all values.
    public var total: Int { counts.reduce(below + above + nans, +) }

    /// Makes a histogram of what was counted elsewhere.
    ///
    /// - Throws: `.invalidValue` for edges that are not finite or do not ascend, another number of
    ///   counts than of bins, a negative count, no bin, or more than ``maximumBins``.
    public init(
        edges: [Double], counts: [Int], below: Int = 0, above: Int = 0, nans: Int = 0
    ) throws {
        guard (1...Self.maximumBins).contains(counts.count), edges.count == counts.count + 1 else {
            throw StoreError.record(
                .histogram,
                "needs 1 to \(Self.maximumBins) bins and one edge more; it has \(counts.count) "
                    + "and \(edges.count)")
        }
        guard edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw StoreError.record(.histogram, "needs finite edges that ascend") }
        guard Self.isCount(counts + [below, above, nans]) else {
            throw StoreError.record(.histogram, "has a negative count, or too many values")
        }
        // One zero has one form in JSON.
        self.edges = edges.map { $0 == 0 ? 0 : $0 }
        self.counts = counts
        self.below = below
        self.above = above
        self.nans = nans
    }

    private static func isCount(_ counts: [Int]) -> Bool {
        var sum = 0
        for count in counts {
            let (next, overflows) = sum.addingReportingOverflow(count)
            guard count >= 0, !overflows else { return false }
            sum = next
        }
        return true
    }

    /// Counts values in bins of one width.
    ///
    /// - Parameters:
    ///   - values: The values; NaN and infinities are counted beside the bins.
    ///   - bins: The number of bins; there are fewer where the values lie so close together that no
    ///     double is between two edges.
    ///   - range: The first and the last edge; by default the smallest and the largest finite
    ///     value, or half a unit around them if they are equal.
    /// - Throws: `.invalidValue` for a number of bins or a range that is not possible.
    public init<Value: BinaryFloatingPoint>(
        of values: some Sequence<Value>, bins: Int = 64, in range: ClosedRange<Double>? = nil
    ) throws {
        guard (1...Self.maximumBins).contains(bins) else {
            throw StoreError.record(.histogram, "needs 1 to \(Self.maximumBins) bins, not \(bins)")
        }
        let values = values.map { Double($0) }
        let edges = Self.edges(bins, in: range ?? Self.range(of: values))
        var (counts, below, above, nans) = ([Int](repeating: 0, count: edges.count - 1), 0, 0, 0)
        let (first, last) = (edges[0], edges[edges.count - 1])
        for value in values {
            if value.isNaN {
                nans += 1
            } else if value < first {
                below += 1
            } else if value > last {
                above += 1
            } else {
                counts[Self.bin(of: value, edges)] += 1
            }
        }
        try self.init(edges: edges, counts: counts, below: below, above: above, nans: nans)
    }

    private static func range(of values: [Double]) -> ClosedRange<Double> {
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        return low <= high ? low...high : 0...1
    }

    /// Edges of equal distances, without those that rounding makes equal.
    private static func edges(_ bins: Int, in range: ClosedRange<Double>) -> [Double] {
        let limit = Double.greatestFiniteMagnitude
        var low = max(-limit, min(limit, range.lowerBound))
        var high = max(-limit, min(limit, range.upperBound))
        if low == high {
            // Half a unit is nothing beside a large number.
            let half = max(0.5, low.magnitude * 0x1p-20)
            (low, high) = (max(-limit, low - half), min(limit, high + half))
        }
        var edges = [low]
        for bin in 1..<max(bins, 1) {
            let part = Double(bin) / Double(bins)
            // The difference of two large numbers of opposite signs may be infinite.
            let edge = low * (1 - part) + high * part
            if edge > edges[edges.count - 1], edge < high { edges.append(edge) }
        }
        return edges + [high]
    }

    /// The bin of a value that lies between the edges.
    private static func bin(of value: Double, _ edges: [Double]) -> Int {
        var (low, high) = (0, edges.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if value < edges[middle] { high = middle } else { low = middle }
        }
        return low
    }
}

extension RunHistogram: RunRecord {
    static var kind: Artifact.Kind { .histogram }
    var fileExtension: String { "json" }
    var details: JSONValue { ["bins": .int(Int64(counts.count))] }

    func recordedBytes() throws -> Data {
        let document: JSONValue = [
            "edges": .array(edges.map { .double($0) }),
            "counts": .array(counts.map { .int(Int64($0)) }), "below": .int(Int64(below)),
            "above": .int(Int64(above)), "nans": .int(Int64(nans)),
        ]
        return Data(try document.canonicalText().utf8)
    }

    init(recorded bytes: Data) throws {
        do {
            let fields = JSONFields(try JSONValue(parsing: bytes), of: "histogram")
            try self.init(
                edges: fields.array("edges").map { $0.double ?? .nan },
                counts: fields.array("counts").map { $0.int.flatMap(Int.init(exactly:)) ?? -1 },
                below: fields.int("below"), above: fields.int("above"), nans: fields.int("nans"))
        } catch is StoreError {
            throw StoreError.unreadableRecord(.histogram)
        }
    }
}
