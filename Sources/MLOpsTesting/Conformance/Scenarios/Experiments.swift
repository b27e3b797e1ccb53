import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Experiments and their runs.
    static let experiments: [Scenario] = [
        Scenario("ExperimentRepository.named and of(project:), newest first") { context in
            let tree = try await context.tree()
            let later = try await context.workspace.experiments.insert(
                Fixtures.experiment(2, in: tree.project.id))
            let found = try await context.read { tx in
                (
                    named: try tx.experiments.named(later.name, in: tree.project.id),
                    missing: try tx.experiments.named("other", in: tree.project.id),
                    all: try tx.experiments.of(project: tree.project.id)
                )
            }
            #expect(found.named == later && found.missing == nil)
            #expect(found.all == [later, tree.experiment])
            await expectError(.alreadyExists) {
                try await context.workspace.experiments.insert(
                    Fixtures.experiment(3, in: tree.project.id, name: later.name))
            }
        },
        Scenario("ExperimentRunRepository.of(experiment:), children and ancestors") { context in
            let tree = try await context.tree()
            let child = try await context.workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, parent: tree.run.id))
            let second = try await context.workspace.runs.insert(
                Fixtures.run(3, of: tree.experiment.id, parent: tree.run.id))
            let grandchild = try await context.workspace.runs.insert(
                Fixtures.run(4, of: tree.experiment.id, parent: child.id))
            let found = try await context.read { tx in
                (
                    all: try tx.runs.of(experiment: tree.experiment.id),
                    children: try tx.runs.children(of: tree.run.id),
                    none: try tx.runs.children(of: grandchild.id),
                    ancestors: try tx.runs.ancestors(of: grandchild.id),
                    root: try tx.runs.ancestors(of: tree.run.id)
                )
            }
            #expect(found.all.map(\.id) == [grandchild.id, second.id, child.id, tree.run.id])
            #expect(found.children == [child, second] && found.none.isEmpty)
            #expect(found.ancestors == [child, tree.run] && found.root.isEmpty)
        },
        Scenario("ExperimentRunRepository refuses a cycle of parents") { context in
            let tree = try await context.tree()
            let child = try await context.workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, parent: tree.run.id))
            let grandchild = try await context.workspace.runs.insert(
                Fixtures.run(3, of: tree.experiment.id, parent: child.id))
            for parent in [tree.run.id, child.id, grandchild.id] {
                var run = tree.run
                run.parentRunID = parent
                let error = await expectError(.invalidValue) { [run] in
                    try await context.workspace.runs.update(run)
                }
                #expect(error?.field == "parent_run_id")
            }
            let own = Fixtures.id(ExperimentRun.self, 9)
            await expectError(.invalidValue) {
                try await context.workspace.runs.insert(
                    Fixtures.run(9, of: tree.experiment.id, parent: own))
            }
            #expect(try await context.workspace.runs.find(tree.run.id) == tree.run)
        },
        Scenario("ExperimentRunRepository.end: no error text keeps a run open") { context in
            let tree = try await context.tree()
            let long = String(repeating: "é", count: 1_500_000) + "the cause"
            let texts = ["NUL \0 in between", long, "\0", String(repeating: "x", count: 65_536)]
            for (number, text) in texts.enumerated() {
                let run = try await context.workspace.runs.insert(
                    Fixtures.run(20 + number, of: tree.experiment.id, status: .running))
                let ended = try await context.write {
                    try $0.runs.end(run.id, as: .failed, error: text)
                }
                let message = try #require(ended.errorMessage)
                #expect(ended.status == .failed && message.utf8.count < 66_000)
                switch number {
                case 0: #expect(message == "NUL \u{FFFD} in between")
                case 1:
                    #expect(message.hasPrefix("éé") && message.hasSuffix("the cause"))
                    #expect(message.contains("bytes left out]"))
                case 2: #expect(message == "\u{FFFD}")
                default: #expect(message == text)
                }
            }
        },
        Scenario("ExperimentRunRepository.ranked orders by a figure, NaN after every number") {
            context in
            let tree = try await context.tree()
            let values: [Double?] = [0.5, 0.9, .nan, .infinity, -1, nil, 0.7, -.infinity, 12, 2]
            try await context.history(
                values.enumerated().map { index, value in
                    var run = Fixtures.run(10 + index, of: tree.experiment.id)
                    run.metrics["score"] = value.map { MetricSummary($0, step: 1) }
                    return run
                })
            let found = try await context.read { tx in
                (
                    best: try tx.runs.ranked(by: "score", in: tree.experiment.id),
                    worst: try tx.runs.ranked(
                        by: "score", figure: .min, in: tree.experiment.id, ascending: true,
                        limit: 2),
                    none: try tx.runs.ranked(by: "unknown", in: tree.experiment.id)
                )
            }
            let best = found.best.map { $0.metrics["score"]?.last }
            #expect(best.dropLast() == [.infinity, 12, 2, 0.9, 0.7, 0.5, -1, -.infinity])
            #expect(best.last??.isNaN == true)
            #expect(found.worst.map { $0.metrics["score"]?.min } == [-.infinity, -1])
            #expect(found.none.isEmpty)
            for limit in [0, 10_001] {
                await expectError(.invalidValue) {
                    try await context.read {
                        try $0.runs.ranked(
                            by: "score", figure: .last, in: tree.experiment.id, ascending: true,
                            limit: limit)
                    }
                }
            }
        },
        Scenario("ExperimentRunRepository.ranked takes metric names that SQL might trip over") {
            context in
            let tree = try await context.tree()
            for (number, name) in ["val/loss", "a.b[0]", "$", "l'oss", "ä 🎯"].enumerated() {
                var run = Fixtures.run(10 + number, of: tree.experiment.id)
                run.metrics[name] = MetricSummary(1, step: 1)
                run = try await context.history(run)
                let ranked = try await context.read {
                    try $0.runs.ranked(by: name, in: tree.experiment.id)
                }
                #expect(ranked == [run], "\(name)")
            }
        },
        Scenario("ExperimentRunRepository.versions lists what a run produced") { context in
            let tree = try await context.tree()
            let later = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(
                    2, of: tree.model.id, sourceRun: tree.run.id))
            let versions = try await context.read { try $0.runs.versions(from: tree.run.id) }
            #expect(versions == [later, tree.version])
        },
        Scenario("ExperimentRunRepository.record stores points, summary and heartbeat") { context in
            let tree = try await context.tree()
            for part in 0..<3 {
                try await context.write { tx in
                    var batch = MetricBatch()
                    for step in part * 10..<part * 10 + 10 {
                        batch.add("loss", Double(100 - step), step: Int64(step), at: Fixtures.date)
                    }
                    try tx.runs.append(batch, to: tree.run.id)
                }
            }
            try await context.write { try $0.runs.append(MetricBatch(), to: tree.run.id) }
            let run = try await context.workspace.runs.find(tree.run.id)
            #expect(
                run.metrics["loss"]
                    == MetricSummary(last: 71, min: 71, max: 100, step: 29, count: 30))
            #expect(try await context.workspace.metrics.count { $0.metricName == "loss" } == 30)
            await expectError(.invalidValue, "an empty name") {
                try await context.write { tx in
                    var batch = MetricBatch()
                    batch.add("loss", 1, step: 99)
                    batch.add("", 1, step: 99)
                    try tx.runs.append(batch, to: tree.run.id)
                }
            }
            await expectError(.invalidValue, "a time far out") {
                try await context.write { tx in
                    var batch = MetricBatch()
                    batch.add("loss", 1, step: 99, at: Date(timeIntervalSince1970: 1e15))
                    try tx.runs.append(batch, to: tree.run.id)
                }
            }
            #expect(try await context.workspace.runs.find(tree.run.id).metrics == run.metrics)
            #expect(try await context.workspace.metrics.count { $0.metricName == "loss" } == 30)
        },
        Scenario("ExperimentRunRepository.record keeps an artifact under its name") { context in
            let tree = try await context.tree()
            let hash = String(repeating: "a", count: 64)
            for size in [1, 2] {
                try await context.write {
                    try $0.runs.logged.record(
                        Artifact(sha256: hash, sizeBytes: Int64(size), fileExtension: "bin"),
                        named: "model \"ä\"", in: tree.run.id)
                }
            }
            let run = try await context.workspace.runs.find(tree.run.id)
            #expect(
                run.artifacts
                    == ["model \"ä\"": Artifact(sha256: hash, sizeBytes: 2, fileExtension: "bin")])
        },
        Scenario("ExperimentRunRepository.end once, resume again") { context in
            let tree = try await context.tree()
            let running = try await context.workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, status: .running))
            await expectError(.invalidValue) {
                try await context.write { try $0.runs.end(running.id, as: .running, error: nil) }
            }
            let failed = try await context.write {
                try $0.runs.end(running.id, as: .failed, error: "diverged")
            }
            #expect(failed.status == .failed && failed.errorMessage == "diverged")
            #expect(failed.completedAt != nil && (failed.durationSeconds ?? -1) >= 0)
            await expectError(.conflict) {
                try await context.write { try $0.runs.end(running.id, as: .completed, error: nil) }
            }
            let resumed = try await context.write {
                try $0.runs.logged.resume(running.id, fromStep: nil, environment: ["host": "b"])
            }
            #expect(resumed.status == .running && resumed.startedAt == running.startedAt)
            #expect(resumed.completedAt == nil && resumed.errorMessage == nil)
            #expect(resumed.environment == ["host": "b"])
            try await context.write { try $0.runs.end(running.id, as: .cancelled, error: nil) }
        },
        Scenario("ExperimentRunRepository.end stores the last points with it, or nothing") {
            context in
            let tree = try await context.tree()
            let run = try await context.workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, status: .running))
            func end(_ name: String, _ values: [Double]) async throws -> ExperimentRun {
                try await context.write { tx in
                    var batch = MetricBatch()
                    for (step, value) in values.enumerated() {
                        batch.add(name, value, step: Int64(step))
                    }
                    return try tx.runs.end(run.id, as: .completed, error: nil, with: batch)
                }
            }
            try await context.write { tx in
                var batch = MetricBatch()
                batch.add("loss", 9, step: -1)
                try tx.runs.append(batch, to: run.id)
            }
            let trail = try await context.workspace.auditLogs.count()
            await expectError(.invalidValue, "an empty name") { try await end("", [1]) }
            #expect(try await context.workspace.runs.find(run.id).status == .running)
            let ended = try await end("loss", [3, 5])
            #expect(
                ended.metrics["loss"]
                    == MetricSummary(last: 5, min: 3, max: 9, step: 1, count: 3))
            #expect(ended.status == .completed && ended.heartbeatAt != nil)
            #expect(try await context.workspace.runs.find(run.id) == ended)
            await expectError(.conflict, "it has ended") { try await end("loss", [7]) }
            #expect(try await context.workspace.metrics.count { $0.runID == run.id } == 3)
            let entries = try await context.workspace.auditLogs.all(
                order: { [$0.sequence.ascending] }
            ).dropFirst(trail)
            #expect(entries.map(\.action) == ["run_metric.create", "experiment_run.end"])
            let changes = entries.last?.details["changes"]?.object?.keys.sorted()
            #expect(changes == ["completed_at", "duration_seconds", "status"])
        },
        Scenario("ExperimentRunRepository.running is the live runs that are under way") {
            context in
            let tree = try await context.tree()
            let other = try await context.tree(2)
            let statuses: [RunStatus] = [.queued, .running, .failed, .running, .running]
            let runs = try await context.workspace.runs.insert(
                contentsOf: statuses.enumerated().map {
                    Fixtures.run(10 + $0, of: other.experiment.id, status: $1)
                })
            try await context.workspace.runs.delete(runs[4].id)
            let found = try await context.read { try $0.runs.running().map(\.id) }
            let expected = try await context.workspace.runs.all { $0.status == .running }
            #expect(found == expected.map(\.id))
            let fixtures = [tree.run.id, other.run.id]
            #expect(Set(found).subtracting(fixtures) == [runs[1].id, runs[3].id])
        },
        Scenario("ExperimentRunRepository.update leaves what the logger keeps") { context in
            let tree = try await context.tree()
            var copy = tree.run
            try await context.write { tx in
                var batch = MetricBatch()
                batch.add("loss", 1, step: 1)
                try tx.runs.append(batch, to: tree.run.id)
            }
            copy.runName = "renamed"
            let updated = try await context.workspace.runs.update(copy)
            #expect(updated.runName == "renamed" && updated.metrics["loss"] != nil)
            #expect(updated.heartbeatAt != nil)
        },
        Scenario("ExperimentRunRepository refuses an end before the start") { context in
            let tree = try await context.tree()
            var run = tree.run
            run.completedAt = Fixtures.date.addingTimeInterval(-1)
            let error = await expectError(.checkViolation) { [run] in
                try await context.workspace.runs.update(run)
            }
            #expect(error?.field?.contains("completed_at") == true)
        },
    ]
}
