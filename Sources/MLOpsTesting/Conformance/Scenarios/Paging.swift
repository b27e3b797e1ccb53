import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Keyset pages, which together are the whole list in every order.
    static let paging: [Scenario] = [
        Scenario("Query: pages of every size are the full list, over ties, nulls and mixed order") {
            context in
            try await insertRuns(40, context)
            typealias Make = (ExperimentRun.Columns) -> [Order<ExperimentRun>]
            let orders: [(String, Make)] = [
                ("id", { _ in [] }), ("id descending", { [$0.id.descending] }),
                ("ties", { [$0.status.ascending] }),
                ("ties descending", { [$0.status.descending] }),
                ("nulls", { [$0.startedAt.ascending] }),
                ("nulls descending", { [$0.startedAt.descending] }),
                ("two nulls", { [$0.startedAt.ascending, $0.durationSeconds.descending] }),
                ("mixed", { [$0.status.descending, $0.runName.ascending] }),
                ("mixed back", { [$0.status.ascending, $0.createdAt.descending] }),
                ("number", { [$0.parameters["lr"].ascending] }),
                ("number descending", { [$0.parameters["lr"].descending] }),
                ("nested number", { [$0.parameters["a", "b.c"].descending] }),
                ("metric", { [$0.metrics["loss"].ascending, $0.runName.descending] }),
                ("no such path", { [$0.parameters["x", "y"].ascending] }),
                // Keys are compared by bytes, although Swift's strings are equal here.
                ("a key's other spelling", { [$0.parameters["e\u{301}"].descending] }),
                (
                    "four keys",
                    {
                        [
                            $0.status.ascending, $0.startedAt.descending,
                            $0.parameters["lr"].ascending, $0.runName.descending,
                        ]
                    }
                ),
            ]
            for (name, order) in orders {
                let all = try await context.workspace.runs.all(order: order)
                #expect(all.count == 40 && Set(all.map(\.id)).count == 40, "\(name)")
                for limit in [1, 7, 39, 40, 41] {
                    var paged: [ExperimentRun] = []
                    var query = Query<ExperimentRun>(order: order, limit: limit)
                    repeat {
                        let page = try await context.workspace.runs.page(query)
                        paged += page
                        // A cursor may be sent to a client as text, and returned.
                        query.cursor = page.next.map { Cursor($0.description) }
                    } while query.cursor != nil && paged.count <= 40
                    #expect(paged.map(\.id) == all.map(\.id), "\(name), pages of \(limit)")
                }
            }
        },
        Scenario("Query: nulls come last in both directions, and text sorts by bytes") { context in
            let tree = try await context.tree()
            let texts: [String?] = ["b", nil, "B", "é", "e", "", "z", "🎯", "\u{FFFD}", "aa", "a"]
            try await context.workspace.experiments.insert(
                contentsOf: texts.enumerated().map {
                    Experiment(
                        project: tree.project.id, name: "\($0)", description: $1, tags: ["t"])
                })
            let found = try await context.workspace.experiments.all(
                where: { $0.tags.contains("t") }, order: { [$0.description.ascending] })
            let expected = texts.compactMap(\.self).sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
            #expect(found.map(\.description) == expected + [nil])
            let back = try await context.workspace.experiments.all(
                where: { $0.tags.contains("t") }, order: { [$0.description.descending] })
            #expect(back.map(\.description) == expected.reversed() + [nil])
        },
        Scenario("Query: doubles page through infinities, -0.0 and NaN") { context in
            let tree = try await context.tree()
            let values: [Double] = [
                1, .nan, -0.0, 0.0, .infinity, -.infinity, .nan, 1, .leastNonzeroMagnitude, -1,
                .greatestFiniteMagnitude, 0.1, 0.1,
            ]
            try await context.workspace.metrics.insert(
                contentsOf: values.enumerated().map {
                    Fixtures.metric(10 + $0, of: tree.run.id, name: "x", value: $1)
                })
            for descending in [false, true] {
                let query = Query<RunMetric>(
                    where: { $0.metricName == "x" },
                    order: { [descending ? $0.value.descending : $0.value.ascending] }, limit: 2)
                let all = try await context.workspace.metrics.all(
                    where: { $0.metricName == "x" },
                    order: { [descending ? $0.value.descending : $0.value.ascending] })
                var paged: [RunMetric] = []
                for try await metric in context.workspace.metrics.stream(query) {
                    paged.append(metric)
                    if paged.count > values.count { break }
                }
                #expect(paged.map(\.id) == all.map(\.id))
                let numbers = all.map(\.value).filter { !$0.isNaN }
                #expect(numbers == (descending ? numbers.sorted(by: >) : numbers.sorted()))
                #expect(all.count == values.count)
                #expect(all.suffix(2).allSatisfy { $0.value.isNaN })
            }
        },
        Scenario("Query: a metric sorts with infinities in place, NaN after them, missing last") {
            context in
            let tree = try await context.tree()
            let values: [Double?] = [
                0.5, .nan, nil, .infinity, -1, nil, -.infinity, 12, .nan, 0.5, 1e300, nil,
            ]
            try await context.history(
                values.enumerated().map { index, value in
                    var run = Fixtures.run(10 + index, of: tree.experiment.id)
                    run.metrics["score"] = value.map { MetricSummary($0, step: 1) }
                    return run
                })
            let numbers: [Double] = [-.infinity, -1, 0.5, 0.5, 12, 1e300, .infinity]
            for descending in [false, true] {
                for limit in [1, 3, 100] {
                    var query = Query<ExperimentRun>(
                        where: { $0.experimentID == tree.experiment.id && $0.id != tree.run.id },
                        order: {
                            let score = $0.metrics["score"]
                            return [descending ? score.descending : score.ascending]
                        }, limit: limit)
                    var found: [Double?] = []
                    repeat {
                        let page = try await context.workspace.runs.page(query)
                        found += page.map { $0.metrics["score"]?.last }
                        query.cursor = page.next
                    } while query.cursor != nil && found.count <= values.count
                    let expected: [Double?] = descending ? numbers.reversed() : numbers
                    #expect(Array(found.prefix(7)) == expected, "pages of \(limit)")
                    #expect(found.dropFirst(7).prefix(2).allSatisfy { $0?.isNaN == true })
                    #expect(found.count == 12 && found.suffix(3).allSatisfy { $0 == nil })
                }
            }
            func count(
                _ condition: @escaping @Sendable (JSONPath<ExperimentRun>) -> Filter<ExperimentRun>
            ) async throws -> Int {
                try await context.workspace.runs.count { condition($0.metrics["score"]) }
            }
            #expect(try await count { $0 > 1 } == 3)
            #expect(try await count { $0 >= .double(.infinity) } == 1)
            #expect(try await count { $0 == .double(-.infinity) } == 1)
            #expect(try await count { $0 < 0.5 } == 2)
            #expect(try await count { $0 == .double(.nan) } == 0)
            #expect(try await count { $0.exists } == 9)
        },
        Scenario("Query: integers page through the limits of Int64") { context in
            let tree = try await context.tree()
            let steps: [Int64] = [.max, .min, 0, .max - 1, .min + 1, 1 << 53, 1 << 53 + 1]
            try await context.workspace.metrics.insert(
                contentsOf: steps.enumerated().map {
                    Fixtures.metric(10 + $0, of: tree.run.id, name: "x", step: $1)
                })
            var paged: [Int64] = []
            let query = Query<RunMetric>(
                where: { $0.metricName == "x" }, order: { [$0.step.ascending] }, limit: 1)
            for try await metric in context.workspace.metrics.stream(query) {
                paged.append(metric.step)
                if paged.count > steps.count { break }
            }
            #expect(paged == steps.sorted())
        },
        Scenario("Query: a cursor of another query is refused") { context in
            try await insertRuns(5, context)
            let runs = context.workspace.runs
            let byName = try await runs.page(Query(order: { [$0.runName.ascending] }, limit: 2))
            let cursor = try #require(byName.next)
            let others: [(String, Query<ExperimentRun>)] = [
                ("no order", Query(limit: 2, after: cursor)),
                ("direction", Query(order: { [$0.runName.descending] }, after: cursor)),
                ("column", Query(order: { [$0.createdAt.ascending] }, after: cursor)),
                (
                    "more keys",
                    Query(order: { [$0.runName.ascending, $0.id.ascending] }, after: cursor)
                ),
            ]
            for (name, query) in others {
                await expectError(.invalidValue, name) { try await runs.page(query) }
            }
            await expectError(.invalidValue, "another entity") {
                try await context.workspace.models.page(
                    Query(order: { [$0.name.ascending] }, after: cursor))
            }
            let text = cursor.description
            let forged = [
                "", "x", "{}", "AAAA", String(text.dropLast(4)), text + "AAAA", "' OR 1=1 --",
                String(repeating: "A", count: 100_000),
            ]
            for forgery in forged {
                await expectError(.invalidValue, String(forgery.prefix(20))) {
                    try await runs.page(
                        Query(order: { [$0.runName.ascending] }, after: Cursor(forgery)))
                }
            }
        },
        Scenario("Query: rows written between two pages move nothing") { context in
            try await insertRuns(10, context)
            let order: (ExperimentRun.Columns) -> [Order<ExperimentRun>] = {
                [$0.runName.ascending]
            }
            let runs = context.workspace.runs
            let all = try await runs.all(order: order)
            let first = try await runs.page(Query(order: order, limit: 5))
            // Deletes a row before the cursor and the row of the cursor, and inserts one before it.
            try await runs.delete(all[0].id)
            try await runs.delete(all[4].id)
            try await runs.insert(
                Fixtures.run(999, of: all[0].experimentID, name: "\u{20}first"))
            let rest = try await runs.page(Query(order: order, limit: 10, after: first.next))
            #expect(rest.map(\.id) == all.dropFirst(5).map(\.id))
        },
        Scenario("Query: deleted rows are excluded, included or alone, also in pages") { context in
            try await insertRuns(6, context)
            let runs = context.workspace.runs
            let all = try await runs.all()
            try await runs.delete(all[1].id)
            try await runs.delete(all[4].id)
            for (deleted, expected) in [
                (DeletedRows.excluded, [0, 2, 3, 5]), (.included, [0, 1, 2, 3, 4, 5]),
                (.only, [1, 4]),
            ] {
                var ids: [Identifier<ExperimentRun>] = []
                let query = Query<ExperimentRun>(limit: 1, deleted: deleted)
                for try await run in runs.stream(query) { ids.append(run.id) }
                #expect(ids == expected.map { all[$0].id })
                let count = try await context.read { try $0.runs.count(query) }
                #expect(count == expected.count)
            }
        },
        Scenario("Records.first, filtered(by:) and the order of forEach") { context in
            try await insertRuns(9, context)
            let last = try await context.workspace.runs.first(
                where: { $0.status == .completed }, order: { [$0.id.descending] })
            let query = Query<ExperimentRun>(order: { [$0.id.descending] })
                .filtered { $0.status == .completed }
                .filtered { $0.runName != "none" }
            let visited = try await context.read { tx in
                var runs: [ExperimentRun] = []
                try tx.runs.forEach(query) {
                    runs.append($0)
                    return true
                }
                return runs
            }
            #expect(visited.first == last && visited.allSatisfy { $0.status == .completed })
            #expect(visited.map(\.id) == visited.map(\.id).sorted(by: >))
            let none = try await context.workspace.runs.first { $0.runName == "none" }
            #expect(none == nil)
        },
        Scenario("Repository.page: a text that fills its column makes a cursor too") { context in
            let tree = try await context.tree()
            for number in 0..<3 {
                let text = "\(number)" + String(repeating: "\"", count: (1 << 20) - 1)
                try await context.workspace.experiments.insert(
                    Experiment(project: tree.project.id, name: "e\(number)", description: text))
            }
            var names: [String] = []
            var cursor: Cursor?
            repeat {
                let page = try await context.workspace.experiments.page(
                    Query(
                        where: { $0.description.isNotNull },
                        order: { [$0.description.descending] }, limit: 1, after: cursor))
                names += page.map(\.name)
                cursor = page.next
            } while cursor != nil
            #expect(names == ["e2", "e1", "e0"])
        },
    ]

    /// Runs with many ties and gaps, the same at every call.
    private static func insertRuns(_ count: Int, _ context: ConformanceContext) async throws {
        var generator = SplitMix64(seed: 20)
        let project = try await context.workspace.projects.insert(Fixtures.project(1))
        let experiment = try await context.workspace.experiments.insert(
            Fixtures.experiment(1, in: project.id))
        let rates: [JSONValue?] = [0.1, 1, 10, nil, "text", 0.1, -3, 1e300, .null, 2, 1.0]
        var runs: [ExperimentRun] = []
        for number in 1...count {
            var parameters: [String: JSONValue] = [:]
            parameters["lr"] = rates[Int.random(in: 0..<rates.count, using: &generator)]
            parameters["a"] = .object(["b.c": .int(Int64.random(in: 0..<4, using: &generator))])
            parameters["\u{E9}"] = .int(Int64(number))
            let started = Bool.random(using: &generator)
            let loss = Double.random(in: 0..<1, using: &generator)
            var run = ExperimentRun(
                id: Fixtures.id(ExperimentRun.self, number), experiment: experiment.id,
                runName: "run \(Int.random(in: 0..<12, using: &generator))",
                status: [.completed, .failed, .queued].randomElement(using: &generator)
                    ?? .queued,
                parameters: .object(parameters),
                startedAt: started
                    ? Fixtures.date.addingTimeInterval(Double(number / 8)) : nil,
                durationSeconds: number % 3 == 0 ? nil : Double(number % 4) / 3,
                createdAt: Fixtures.date.addingTimeInterval(Double(number / 10)))
            if number % 5 != 0 {
                run.metrics = ["loss": MetricSummary(number % 7 == 0 ? .nan : loss, step: 1)]
            }
            runs.append(run)
        }
        try await context.history(runs)
    }
}
