import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// What a run's logger takes: numbers of every type, steps, times, parameters and marks.
    static let loggedValues: [Scenario] = [
        Scenario("RunLogger: numbers of every type, nested values and given times") { context in
            let workspace = context.workspace
            let time = Fixtures.date
            let run = try await workspace.startRun(project: "p", experiment: "e")
            run.log("float", Float(0.5), step: 1)
            run.log("int", 3, step: 1)
            run.log("large", UInt64.max, step: 1)
            run.log("at", 0.25, step: 1, at: time)
            run.log(["a": Float(0.5), "b": 1.5], step: 2, at: time)
            run.log(["c": 7, "d": UInt8(8)], step: 2)
            run.log(["loss": 0.5, "count": Int16(3), "nested": ["x": 1]], step: 3)
            run.log(["train": ["loss": 0.3], "valid": ["loss": 0.4]], step: 4)
            run.log(
                Epoch(loss: 0.125, train: .init(top1: 9, rate: .infinity), missing: nil), step: 5)
            let ended = try await run.finish()
            #expect(
                ended.metrics.mapValues(\.last) == [
                    "float": 0.5, "int": 3, "large": 0x1p64, "at": 0.25, "a": 0.5, "b": 1.5,
                    "c": 7, "d": 8, "loss": 0.125, "count": 3, "nested/x": 1, "train/loss": 0.3,
                    "valid/loss": 0.4, "train/top1": 9, "train/rate": .infinity,
                ])
            #expect(run.refusedPoints == 0)
            let (point, pair) = try await context.read { tx in
                (
                    try tx.metrics.history(of: run.id, metric: "at"),
                    try tx.metrics.history(of: run.id, metric: "b")
                )
            }
            #expect(point == [MetricPoint(step: 1, value: 0.25, timestamp: time)])
            #expect(pair == [MetricPoint(step: 2, value: 1.5, timestamp: time)])
        },
        Scenario("RunLogger: steps count on for each metric, also in a resumed run") { context in
            let workspace = context.workspace
            let run = try await workspace.startRun(project: "p", experiment: "e")
            for value in 0..<3 { run.log("loss", Double(value)) }
            try await run.flush()
            run.log("loss", 3)
            run.log("loss", 9, step: 10)
            run.log("loss", 8, step: 5)
            run.log(["loss": 4.5, "accuracy": 1])
            run.log("last", 1, step: .max)
            run.log("last", 2)
            try await run.finish()
            #expect(run.refusedPoints == 1)
            let resumed = try await workspace.resumeRun(run.id)
            resumed.log("loss", 5)
            resumed.log("accuracy", 2)
            resumed.log("new", 0)
            try await resumed.finish()
            let again = try await workspace.resumeRun(run.id, fromStep: 3)
            again.log("loss", 6)
            again.log("new", 1)
            try await again.finish()
            let steps = try await context.read { tx in
                try ["loss", "accuracy", "new"].map {
                    try tx.metrics.history(of: run.id, metric: $0).map(\.step)
                }
            }
            #expect(steps == [[0, 1, 2, 3], [0, 1], [0, 1]])
        },
        Scenario("RunLogger: parameters are added, and never changed") { context in
            let workspace = context.workspace
            let (rate, name) = (0.1, "adam")
            let run = try await workspace.startRun(
                project: "p", experiment: "e",
                parameters: ["rate": rate, "layers": [64, 32], "optimizer": ["name": name]])
            try await run.setParameters(["rate": 0.1, "optimizer": ["beta": 0.9], "seed": 7])
            try await run.setParameters(["seed": 7.0])
            try await run.setParameters(["caf\u{e9}": 1])
            let before = try await workspace.runs.find(run.id)
            #expect(
                before.parameters == [
                    "rate": 0.1, "layers": [64, 32], "optimizer": ["name": "adam", "beta": 0.9],
                    "seed": 7, "caf\u{e9}": 1,
                ])
            for (parameters, field) in [
                (["rate": 0.2, "new": 1], "rate"),
                (["optimizer": ["name": "sgd"]], "optimizer.name"),
                (["layers": [64]], "layers"), (["optimizer": "sgd"], "optimizer"),
                (["cafe\u{301}": 2], "caf\u{e9}"),
            ] as [(NamedValues, String)] {
                let error = await expectError(.conflict, field) {
                    try await run.setParameters(parameters)
                }
                #expect(error?.field == field && error?.message.contains(field) == true)
            }
            await expectError(.invalidValue) { try await run.setParameters([1, 2]) }
            #expect(try await workspace.runs.find(run.id) == before)
            // Two programs at once: each key gets one of the values.
            let taken = await withTaskGroup(of: Int?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try? await run.setParameters(["winner": number, "by-\(number)": true])
                        return try? await workspace.runs.find(run.id).parameters["winner"]?.int
                            .map(Int.init)
                    }
                }
                return await group.reduce(into: Set<Int?>()) { $0.insert($1) }
            }
            let after = try await workspace.runs.find(run.id).parameters
            let winner = try #require(after["winner"]?.int)
            #expect(taken == [Int(winner)])
            let writers = after.object?.keys.filter { $0.hasPrefix("by-") }
            #expect(writers == ["by-\(winner)"])
            try await run.finish()
        },
        Scenario("RunLogger: a note, a group and a mark are tags of their own") { context in
            let workspace = context.workspace
            let run = try await workspace.startRun(
                project: "p", experiment: "e", tags: ["team": "vision"], note: "first",
                group: "sweep 1")
            let started = try await workspace.runs.find(run.id)
            #expect(started.note == "first" && started.group == "sweep 1")
            #expect(started.earlyStop == nil && started.tags["team"] == "vision")
            try await run.setNote("second")
            try await run.setGroup(nil)
            try await run.setTags(["stage": "done"])
            try await run.markEarlyStopped(reason: "no progress", step: 12)
            let marked = try await workspace.runs.find(run.id)
            #expect(marked.note == "second" && marked.group == nil)
            #expect(marked.earlyStop?.reason == "no progress" && marked.earlyStop?.step == 12)
            #expect(marked.tags["stage"] == "done" && marked.status == .running)
            let found = try await workspace.runs.all {
                $0.tags["mlops.note"] == "second" && $0.tags["mlops.early_stopped"].exists
            }
            #expect(found.map(\.id) == [run.id])
            await expectError(.invalidValue) { try await run.setTags(["mlops.note": "x"]) }
            await expectError(.invalidValue) {
                try await workspace.startRun(
                    project: "p", experiment: "e", tags: ["mlops.mine": "x"])
            }
            try await run.withChild(parameters: ["fold": 1, "name": "a"], group: "folds") { child in
                let found = try await workspace.runs.find(child.id)
                #expect(found.group == "folds")
            }
            try await run.finish()
        },
        Scenario("RunLogger: the result of a run's body need not be Sendable") { context in
            final class Model {
                var weights = [0.5]
            }
            let model = try await context.workspace.withRun(
                project: "p", experiment: "e", parameters: ["a": 1, "b": "x"]
            ) { run in
                let model = Model()
                try await run.withChild(name: "inner") { child in child.log("loss", 1) }
                model.weights.append(1)
                return model
            }
            let inner = try await context.workspace.withRun(project: "p", experiment: "e") { run in
                try await run.withChild { _ in Model() }
            }
            #expect(model.weights == [0.5, 1] && inner.weights == [0.5])
        },
    ]

    private struct Epoch: Encodable {
        struct Train: Encodable {
            let top1: Int
            let rate: Double
        }
        let loss: Double
        let train: Train
        let missing: Double?
    }
}
