/// Half-open ranges that cover all numbers, divided at ascending edges.
///
/// The outer ranges are unbounded. A value that equals an edge belongs to the range above it.
public struct Bins: Sendable, Hashable {
    /// The inner edges, strictly ascending; one less than there are bins.
    public let edges: [Double]

    /// The number of bins.
    public var count: Int { edges.count + 1 }

    init(edges: [Double]) { self.edges = edges }

    /// The deciles of a sample, equal ones merged.
    ///
    /// A sample of one value only gets the bins below, equal and above, so that a change in any
    /// direction shows. An empty sample has one bin.
    public init(decilesOf sample: SortedSample) {
        if let least = sample.values.first, least == sample.values.last {
            self.init(edges: least == .infinity ? [least] : [least, least.nextUp])
            return
        }
        var edges: [Double] = []
        for decile in 1..<10 {
            // As `linspace(0, 1, 11)`: a product, so that edges on values round as NumPy's do.
            guard let edge = sample.quantile(Double(decile) * 0.1) else { continue }
            if edge > edges.last ?? -.infinity { edges.append(edge) }
        }
        self.init(edges: edges)
    }

    /// How many values of a sample fall into each bin.
    public func counts(of sample: SortedSample) -> [Int] {
        let starts = edges.map { edge in
            sample.values.partitionPoint { $0 < edge }
        }
        return zip(starts + [sample.count], [0] + starts).map { $0 - $1 }
    }

    /// The ranges in words, such as `0.5 to 1.5`.
    var labels: [String] {
        guard let first = edges.first, let last = edges.last else { return ["all"] }
        return ["below \(first)"] + zip(edges, edges.dropFirst()).map { "\($0) to \($1)" }
            + ["from \(last)"]
    }
}

extension Array {
    /// The first index whose element does not satisfy a condition that holds for a prefix.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
