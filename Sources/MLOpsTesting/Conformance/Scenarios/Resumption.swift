import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Runs that are taken up again, the time they have worked, and what a start does.
    static let resumption: [Scenario] = [
        Scenario("ExperimentRunRepository.resume from a step removes the points from it on") {
            context in
            let tree = try await context.tree()
            let other = try await context.workspace.runs.insert(
                Fixtures.run(2, of: tree.experiment.id, status: .running))
            let run = try await context.workspace.runs.insert(
                Fixtures.run(3, of: tree.experiment.id, status: .running))
            // The best and the last value lie behind the checkpoint, in the order they were made.
            let values: [Int64: [Double]] = [
                0: [5], 1: [4, 4.5], 2: [.nan], 3: [3], 4: [.infinity], 5: [1, 2], 6: [9],
            ]
            try await context.write { tx in
                for run in [run, other] {
                    var batch = MetricBatch()
                    for (step, values) in values.sorted(by: { $0.key < $1.key }) {
                        for value in values { batch.add("loss", value, step: step) }
                    }
                    batch.add("early", 7, step: 2)
                    batch.add("late", 8, step: 4)
                    try tx.runs.append(batch, to: run.id)
                }
                try tx.runs.end(run.id, as: .failed, error: "out of memory")
            }
            let trail = try await context.workspace.auditLogs.count()
            let resumed = try await context.write {
                try $0.runs.logged.resume(run.id, fromStep: 4, environment: [:])
            }
            #expect(
                resumed.metrics == [
                    "loss": MetricSummary(last: 3, min: 3, max: 5, step: 3, count: 5),
                    "early": MetricSummary(7, step: 2),
                ])
            #expect(try await context.workspace.runs.find(run.id) == resumed)
            let found = try await context.read { tx in
                (
                    steps: try tx.metrics.history(of: run.id, metric: "loss").map(\.step),
                    names: try tx.metrics.names(of: run.id),
                    others: try tx.metrics.history(of: other.id, metric: "loss").count
                )
            }
            #expect(found.steps == [0, 1, 1, 2, 3] && found.names == ["early", "loss"])
            #expect(found.others == 9)
            let entries = try await context.workspace.auditLogs.all(
                order: { [$0.sequence.ascending] }
            ).dropFirst(trail)
            #expect(entries.map(\.action) == ["run_metric.delete", "experiment_run.resume"])
            #expect(entries.first?.details["count"] == 5)
            // A second time there is nothing to remove.
            let again = try await context.write {
                try $0.runs.logged.resume(run.id, fromStep: 4, environment: [:])
            }
            #expect(again.metrics == resumed.metrics)
        },
        Scenario("ExperimentRunRepository.resume: a key removes points only if it may write them") {
            context in
            let tree = try await context.tree()
            let run = tree.run.id
            for (number, action, isAllowed) in [(10, "read", false), (11, "write", true)] {
                let program = try await context.program(
                    number, ["experiment_runs": ["write"], "run_metrics": [action]])
                let code = await context.tries(
                    { _ = try $0.runs.logged.resume(run, fromStep: 0, environment: [:]) },
                    in: program)
                #expect(code == (isAllowed ? nil : .permissionDenied), "\(action)")
            }
        },
        Scenario("ExperimentRun.durationSeconds is the time worked, over all stretches") {
            context in
            let tree = try await context.tree()
            // It worked for an hour, was killed, and nobody looked for years.
            var run = Fixtures.run(2, of: tree.experiment.id, status: .running)
            run.heartbeatAt = Fixtures.date.addingTimeInterval(3600)
            run.durationSeconds = 3600
            var silent = Fixtures.run(3, of: tree.experiment.id, status: .running)
            silent.startedAt = Fixtures.date
            try await context.history([run, silent])
            let (id, silentID) = (run.id, silent.id)
            let abandoned = try await context.write {
                try $0.runs.logged.endAbandoned(id, error: "gone")
            }
            #expect(abandoned.status == .failed && abandoned.durationSeconds == 3600)
            #expect(abandoned.completedAt == run.heartbeatAt)
            let unseen = try await context.write {
                try $0.runs.logged.endAbandoned(silentID, error: "gone")
            }
            #expect(unseen.completedAt == Fixtures.date && unseen.durationSeconds == 0)
            let ended = try await context.write { tx in
                _ = try tx.runs.logged.resume(id, fromStep: nil, environment: [:])
                var batch = MetricBatch()
                batch.add("loss", 1, step: 1)
                try tx.runs.append(batch, to: id)
                return try tx.runs.end(id, as: .completed)
            }
            // One transaction has one time, so that the second stretch takes none.
            #expect(ended.durationSeconds == 3600 && ended.startedAt == run.startedAt)
            #expect(try #require(ended.completedAt) > Fixtures.date.addingTimeInterval(86_400))
            // Points of a run that has ended add nothing.
            let late = try await context.write { tx in
                var batch = MetricBatch()
                batch.add("loss", 1, step: 2)
                return try tx.runs.logged.log(batch, in: id)
            }
            #expect(late == .completed)
            #expect(try await context.workspace.runs.find(run.id).durationSeconds == 3600)
        },
        Scenario("ExperimentRunRepository.update keeps the duration of a run under way") {
            context in
            let tree = try await context.tree()
            var run = Fixtures.run(2, of: tree.experiment.id, status: .running)
            (run.heartbeatAt, run.durationSeconds) = (Fixtures.date, 0)
            var copy = try await context.history(run)
            let id = run.id
            try await context.write { try $0.runs.append(MetricBatch(), to: id) }
            copy.runName = "renamed"
            let updated = try await context.workspace.runs.update(copy)
            #expect(try #require(updated.durationSeconds) > 86_400)
            var ended = try await context.write { try $0.runs.end(id, as: .completed) }
            ended.durationSeconds = 5
            #expect(try await context.workspace.runs.update(ended).durationSeconds == 5)
        },
        Scenario("Experiment.status: a run that starts opens a draft, and nothing else") {
            context in
            let tree = try await context.tree()
            let statuses: [ExperimentStatus] = [.draft, .running, .completed, .cancelled]
            for (number, status) in statuses.enumerated() {
                let experiment = try await context.workspace.experiments.insert(
                    Experiment(project: tree.project.id, name: "e\(number)", status: status))
                let queued = try await context.workspace.runs.insert(
                    Fixtures.run(20 + number, of: experiment.id, status: .queued))
                #expect(try await context.workspace.experiments.find(experiment.id) == experiment)
                try await context.workspace.runs.insert(
                    Fixtures.run(30 + number, of: experiment.id, status: .running))
                let found = try await context.workspace.experiments.find(experiment.id)
                #expect(found.status == (status == .draft ? .running : status))
                #expect((found.startedAt != nil) == (status == .draft))
                #expect(found.revision == (status == .draft ? 2 : 1))
                _ = try await context.write {
                    try $0.runs.logged.resume(queued.id, fromStep: nil, environment: [:])
                }
                #expect(try await context.workspace.experiments.find(experiment.id) == found)
            }
        },
    ]
}
