import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Points of metrics: all doubles, steps and curves.
    static let metrics: [Scenario] = [
        Scenario("RunMetricRepository keeps every double: NaN, infinities, -0.0, subnormals") {
            context in
            let tree = try await context.tree()
            let values: [Double] = [
                .nan, .infinity, -.infinity, -0.0, 0.0, .leastNonzeroMagnitude,
                -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
                -.greatestFiniteMagnitude, 0.1, 1 / 3, .ulpOfOne, 9_007_199_254_740_992, 1e300,
            ]
            let points = values.enumerated().map { index, value in
                Fixtures.metric(10 + index, of: tree.run.id, name: "x", value: value)
            }
            let stored = try await context.workspace.metrics.insert(contentsOf: points)
            let single = try await context.workspace.metrics.insert(
                Fixtures.metric(99, of: tree.run.id, name: "single", value: .nan))
            #expect(single.value.isNaN)
            let history = try await context.read {
                try $0.metrics.history(of: tree.run.id, metric: "x")
            }
            for (value, read) in zip(values, history.map(\.value)) {
                if value.isNaN {
                    #expect(read.isNaN)
                } else {
                    #expect(read.bitPattern == value.bitPattern, "\(value)")
                }
            }
            for point in stored {
                #expect(try await context.workspace.metrics.find(point.id) == point)
            }
        },
        Scenario("Query: points page by run, metric, step and id, in all and in one run") {
            context in
            let trees = [try await context.tree(1), try await context.tree(2)]
            let points = (0..<60).map { number in
                // Many points have the same step, and ids are not in the order of steps.
                Fixtures.metric(
                    1000 - number, of: trees[number % 2].run.id, name: "m\(number % 3)",
                    step: Int64(number / 2 % 5) - 2)
            }
            try await context.workspace.metrics.insert(contentsOf: points)
            for run in [nil, trees[0].run.id, trees[1].run.id] {
                var query = Query<RunMetric>(where: run.map { run in { $0.runID == run } })
                let all = try await context.workspace.metrics.all(
                    where: run.map { run in { $0.runID == run } })
                let sorted = all.sorted { left, right in
                    (left.runID, left.metricName, left.step, left.id)
                        < (right.runID, right.metricName, right.step, right.id)
                }
                #expect(all == sorted)
                #expect(all.count == (run == nil ? 62 : 31))
                for limit in [1, 4, 30, 31, 61, 62] {
                    var paged: [RunMetric] = []
                    query.limit = limit
                    query.cursor = nil
                    repeat {
                        let page = try await context.workspace.metrics.page(query)
                        paged += page
                        query.cursor = page.next
                    } while query.cursor != nil && paged.count <= 62
                    #expect(paged == all, "pages of \(limit)")
                }
            }
        },
        Scenario("ExperimentRunRepository.record keeps every double in the summary") { context in
            let tree = try await context.tree()
            try await context.write { tx in
                var batch = MetricBatch()
                for (step, value) in [1.0, .nan, -.infinity, .infinity].enumerated() {
                    batch.add("wild", value, step: Int64(step))
                }
                batch.add("never", .nan, step: 1)
                try tx.runs.append(batch, to: tree.run.id)
            }
            let run = try await context.workspace.runs.find(tree.run.id)
            #expect(
                run.metrics["wild"]
                    == MetricSummary(
                        last: .infinity, min: -.infinity, max: .infinity, step: 3, count: 4))
            #expect(run.metrics["never"]?.min.isNaN == true)
            #expect(run.metrics["accuracy"] == tree.run.metrics["accuracy"])
            #expect(run.revision == tree.run.revision && run.heartbeatAt != nil)
        },
        Scenario("RunMetricRepository keeps steps to the limits of Int64") { context in
            let tree = try await context.tree()
            let steps: [Int64] = [.max, 0, .min, .max - 1, .min + 1, -1, 1 << 53 + 1]
            try await context.workspace.metrics.insert(
                contentsOf: steps.enumerated().map { index, step in
                    Fixtures.metric(
                        10 + index, of: tree.run.id, name: "x", value: Double(index), step: step)
                })
            let found = try await context.read { tx in
                (
                    all: try tx.metrics.history(of: tree.run.id, metric: "x"),
                    top: try tx.metrics.history(
                        of: tree.run.id, metric: "x", in: (.max - 1)...(.max)),
                    full: try tx.metrics.history(of: tree.run.id, metric: "x", in: .min...(.max)),
                    last: try tx.metrics.last(of: tree.run.id, metric: "x"),
                    buckets: try [1, 2, 3, 7, 10_000].map {
                        try tx.metrics.buckets(of: tree.run.id, metric: "x", count: $0)
                    }
                )
            }
            #expect(found.all.map(\.step) == steps.sorted())
            #expect(found.full == found.all)
            #expect(found.top.map(\.step) == [.max - 1, .max])
            #expect(found.last?.step == .max)
            for buckets in found.buckets {
                #expect(buckets.reduce(0) { $0 + $1.count } == steps.count)
                #expect(buckets.map(\.firstStep) == buckets.map(\.firstStep).sorted())
                #expect(buckets.map(\.minimum).min() == 0 && buckets.map(\.maximum).max() == 6)
            }
        },
        Scenario("RunMetricRepository.history is by step, and by making within a step") { context in
            let tree = try await context.tree()
            let order: [(Int, Int64)] = [(11, 2), (12, 1), (13, 2), (14, 1), (15, 3)]
            try await context.workspace.metrics.insert(
                contentsOf: order.map {
                    Fixtures.metric($0, of: tree.run.id, name: "x", value: Double($0), step: $1)
                })
            let found = try await context.read { tx in
                var first: [Double] = []
                try tx.metrics.forEachPoint(of: tree.run.id, metric: "x") {
                    first.append($0.value)
                    return first.count < 2
                }
                return (
                    all: try tx.metrics.history(of: tree.run.id, metric: "x").map(\.value),
                    some: try tx.metrics.history(of: tree.run.id, metric: "x", in: 2...2)
                        .map(\.value),
                    none: try tx.metrics.history(of: tree.run.id, metric: "y"), first: first,
                    last: try tx.metrics.last(of: tree.run.id, metric: "x")?.value,
                    noLast: try tx.metrics.last(of: tree.run.id, metric: "y"),
                    names: try tx.metrics.names(of: tree.run.id)
                )
            }
            #expect(found.all == [12, 14, 11, 13, 15] && found.some == [11, 13])
            #expect(found.none.isEmpty && found.noLast == nil)
            #expect(found.first == [12, 14] && found.last == 15)
            #expect(found.names == ["accuracy", "x"])
        },
        Scenario("RunMetricRepository.history is by id within a step of any number of points") {
            context in
            let tree = try await context.tree()
            let numbers = 10..<6010
            func step(_ number: Int) -> Int64 { number < 20 ? 1 : number < 30 ? 3 : 2 }
            try await context.workspace.metrics.insert(
                contentsOf: numbers.reversed().map {
                    Fixtures.metric(
                        $0, of: tree.run.id, name: "x", value: Double($0), step: step($0))
                })
            let ordered = numbers.sorted { (step($0), $0) < (step($1), $1) }.map(Double.init)
            let (all, starts) = try await context.read { tx in
                let starts = try [1, 15, 3000, 6000].map { count in
                    var values: [Double] = []
                    try tx.metrics.forEachPoint(of: tree.run.id, metric: "x") {
                        values.append($0.value)
                        return values.count < count
                    }
                    return values
                }
                return (try tx.metrics.history(of: tree.run.id, metric: "x"), starts)
            }
            #expect(all.map(\.value) == ordered)
            #expect(starts == [1, 15, 3000, 6000].map { Array(ordered.prefix($0)) })
        },
        Scenario("RunMetricRepository.names sorts by bytes and takes every text") { context in
            let tree = try await context.tree()
            let names = ["loss", "Loss", "ärger", "z", "l'o\"s--s;%_", "🎯", "a b", "\u{1}"]
            try await context.workspace.metrics.insert(
                contentsOf: names.enumerated().map {
                    Fixtures.metric(10 + $0, of: tree.run.id, name: $1)
                })
            let found = try await context.read { try $0.metrics.names(of: tree.run.id) }
            let expected = (names + ["accuracy"]).sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
            #expect(found == expected)
        },
        Scenario("RunMetricRepository.buckets keeps every bucket's minimum and maximum") {
            context in
            let tree = try await context.tree()
            let seed = randomSeed()
            var generator = SplitMix64(seed: seed)
            for round in 0..<6 {
                let name = "m\(round)"
                let points = randomPoints(&generator)
                try await context.workspace.metrics.insert(
                    contentsOf: points.enumerated().map {
                        RunMetric(
                            run: tree.run.id, metricName: name, value: $1.value, step: $1.step,
                            timestamp: $1.timestamp)
                    })
                for count in [1, 7, Int.random(in: 2...300, using: &generator)] {
                    let buckets = try await context.read {
                        try $0.metrics.buckets(of: tree.run.id, metric: name, count: count)
                    }
                    expect(buckets, reduce: points, to: count, "seed \(seed), round \(round)")
                }
            }
        },
        Scenario("RunMetricRepository.buckets refuses counts outside 1 to 10,000") { context in
            let tree = try await context.tree()
            for count in [0, -1, 10_001, .max, .min] {
                await expectError(.invalidValue, "\(count)") {
                    try await context.read {
                        try $0.metrics.buckets(of: tree.run.id, metric: "x", count: count)
                    }
                }
            }
            let none = try await context.read {
                try $0.metrics.buckets(of: tree.run.id, metric: "none", count: 5)
            }
            #expect(none.isEmpty)
        },
        Scenario("RunMetricRepository.insert(contentsOf:) stores 5,000 points in one call") {
            context in
            let tree = try await context.tree()
            try await context.workspace.metrics.insert(
                contentsOf: (0..<5000).map {
                    Fixtures.metric(10 + $0, of: tree.run.id, name: "x", step: Int64($0))
                })
            #expect(try await context.workspace.metrics.count { $0.metricName == "x" } == 5000)
        },
    ]

    private static func randomPoints(_ generator: inout SplitMix64) -> [MetricPoint] {
        let width = Int64.random(in: 1...5000, using: &generator)
        let start = Int64.random(in: -10_000...10_000, using: &generator)
        let steps = (0..<Int.random(in: 1...400, using: &generator)).map { _ in
            start + Int64.random(in: 0...width, using: &generator)
        }
        return steps.sorted().map { step in
            let value: Double =
                switch Int.random(in: 0..<20, using: &generator) {
                case 0: .nan
                case 1: 1e6
                default: Double.random(in: -1...1, using: &generator)
                }
            return MetricPoint(step: step, value: value, timestamp: Fixtures.date)
        }
    }

    /// Compares buckets with a naive reduction of all points.
    private static func expect(
        _ buckets: [MetricBucket], reduce points: [MetricPoint], to count: Int, _ comment: String
    ) {
        guard let first = points.first?.step, let last = points.last?.step else { return }

        let parts = Dictionary(grouping: points) { point in
            // Steps are small here, so `Int` arithmetic suffices.
            Int(point.step - first) * count / Int(last - first + 1)
        }
        #expect(buckets.count == parts.count && buckets.count <= count, "\(comment)")
        for (bucket, part) in zip(buckets, parts.sorted { $0.key < $1.key }.map(\.value)) {
            let numbers = part.map(\.value).filter { !$0.isNaN }
            let place = "\(comment), bucket at \(bucket.firstStep)"
            #expect(bucket.count == part.count, "\(place)")
            #expect(bucket.nanCount == part.count - numbers.count, "\(place)")
            #expect(bucket.firstStep == part.first?.step, "\(place)")
            #expect(bucket.lastStep == part.last?.step, "\(place)")
            guard let minimum = numbers.min(), let maximum = numbers.max() else {
                #expect(bucket.minimum.isNaN && bucket.mean.isNaN, "\(place)")
                continue
            }
            #expect(bucket.minimum == minimum && bucket.maximum == maximum, "\(place)")
            #expect(
                bucket.minimumStep == part.first { $0.value == minimum }?.step, "\(place)")
            #expect(
                bucket.maximumStep == part.first { $0.value == maximum }?.step, "\(place)")
            let mean = numbers.reduce(0, +) / Double(numbers.count)
            #expect(abs(bucket.mean - mean) <= 1e-9 * max(1, abs(mean)), "\(place)")
        }
    }
}
