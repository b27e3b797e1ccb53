import Foundation
import Testing

@testable import MLOpsOperations

@Suite struct QuantileSketchTests {
    /// Orders of the values 0 to n - 1 in which other sketches have failed.
    enum Order: CaseIterable {
        case ascending, descending, shuffled, inwards, outwards, blocks, alternating

        func values(_ count: Int) -> [Int] {
            switch self {
            case .ascending: return Array(0..<count)
            case .descending: return (0..<count).reversed()
            case .shuffled:
                var generator = SeededGenerator(seed: 11)
                return (0..<count).shuffled(using: &generator)
            case .inwards: return (0..<count).map { $0 % 2 == 0 ? $0 / 2 : count - 1 - $0 / 2 }
            case .outwards: return Order.inwards.values(count).reversed()
            case .blocks:
                let width = Int(Double(count).squareRoot())
                return (0..<width).flatMap { start in
                    Array(stride(from: start, to: count, by: width))
                }
            case .alternating: return (0..<count).map { ($0 * 7919) % count }
            }
        }
    }

    /// The largest error of rank among the percentiles, as a share of the values 0 to n - 1.
    private func error(_ sketch: QuantileSketch, _ count: Int) -> Double {
        let probabilities = (1..<200).map { Double($0) / 200 }
        return zip(probabilities, sketch.quantiles(probabilities)).map { probability, value in
            abs(((value ?? -1) + 1) / Double(count) - probability)
        }.max() ?? 1
    }

    @Test(arguments: Order.allCases)
    func theRankIsOffByLessThanOnePercent(order: Order) {
        let count = 60_000
        let values = order.values(count)
        for seed in 0..<3 as Range<UInt64> {
            var sketch = QuantileSketch(seed: seed)
            for value in values { sketch.insert(Double(value)) }
            #expect(error(sketch, count) < 0.01, "\(order), seed \(seed)")
            #expect(sketch.storedCount < 1600 && sketch.count == count)
            #expect(sketch.minimum == 0 && sketch.maximum == Double(count - 1))
        }
    }

    @Test(arguments: Order.allCases)
    func mergedSketchesAreAsExact(order: Order) {
        let (count, parts) = (40_000, 37)
        let values = order.values(count)
        var whole = QuantileSketch()
        for part in 0..<parts {
            var sketch = QuantileSketch(seed: UInt64(part))
            // Parts of very different sizes, one of them empty.
            let (from, to) = (part * part, (part + 1) * (part + 1))
            let total = parts * parts
            for value in values[count * from / total..<count * to / total] where part != 0 {
                sketch.insert(Double(value))
            }
            if part == 0 { for value in values[..<(count / total)] { whole.insert(Double(value)) } }
            whole.merge(sketch)
        }
        #expect(whole.count == count && error(whole, count) < 0.01)
        #expect(whole.storedCount < 1600)
    }

    @Test func theSameSeedGivesTheSameFigures() {
        func sketch(_ seed: UInt64) -> QuantileSketch {
            var sketch = QuantileSketch(seed: seed)
            for value in Order.alternating.values(20_000) { sketch.insert(Double(value)) }
            return sketch
        }
        let probabilities = (0...100).map { Double($0) / 100 }
        let first = sketch(1).quantiles(probabilities)
        #expect(first == sketch(1).quantiles(probabilities))
        #expect(first != sketch(2).quantiles(probabilities))
    }

    @Test func anEmptiedSketchIsLikeANewOne() {
        var (emptied, new) = (QuantileSketch(seed: 3), QuantileSketch(seed: 3))
        for value in Order.shuffled.values(50_000) { emptied.insert(Double(value)) }
        emptied.removeAll()
        #expect(emptied.quantile(0.5) == nil && emptied.count == 0 && emptied.storedCount == 0)
        for value in Order.blocks.values(20_000) {
            emptied.insert(Double(value))
            new.insert(Double(value))
        }
        let probabilities = (0...100).map { Double($0) / 100 }
        #expect(emptied.quantiles(probabilities) == new.quantiles(probabilities))
        var merged = QuantileSketch()
        merged.merge(emptied)
        #expect(merged.count == 20_000 && error(merged, 20_000) < 0.01)
    }

    @Test func fewValuesAreExact() {
        var sketch = QuantileSketch()
        #expect(sketch.quantile(0.5) == nil)
        for value in [3, 1, .nan, 2, 4] { sketch.insert(value) }
        #expect(sketch.count == 4)
        #expect(sketch.quantiles([0, 0.25, 0.26, 0.5, 0.99, 1]) == [1, 1, 2, 2, 4, 4])
    }

    @Test func aWindowSummarizesItsValues() throws {
        var window = MetricWindow()
        #expect(window.summary == nil)
        window.record(.nan)
        #expect(window.summary == nil && window.nulls == 1)
        for value in 1...200 { window.record(Double(value)) }
        var other = MetricWindow(seed: 1)
        for value in 201...400 { other.record(Double(value)) }
        window.merge(other)
        let summary = try #require(window.summary)
        #expect(summary.count == 400 && summary.mean == 200.5)
        #expect(summary.minimum == 1 && summary.maximum == 400)
        #expect(summary.p50 == 200 && summary.p95 == 380 && summary.p99 == 396)
        window.record(.infinity)
        #expect(window.summary?.mean == .infinity && window.summary?.maximum == .infinity)
    }
}
