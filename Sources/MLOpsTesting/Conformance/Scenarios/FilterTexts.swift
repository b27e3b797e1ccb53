import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Filters and orders of runs as text.
    static let filterTexts: [Scenario] = [
        Scenario("Filter text: every field and operator finds its runs") { context in
            let runs = try await context.textRuns()
            let (first, experiment) = (runs[0], runs[0].experimentID)
            let cases: [(String, [String])] = [
                ("metrics.loss < 0.2", ["a"]), ("metrics.loss.min <= 0.1", ["a"]),
                ("METRIC.loss.max > 0.6", ["b"]), ("metrics.loss.count = 10", ["a", "b"]),
                (#"metrics."loss.min" = 7"#, ["a"]), ("metrics.val.loss = 3", ["b"]),
                ("metrics.val/loss = 4", ["b"]), ("metrics.loss in (0.1, 0.5)", ["a", "b"]),
                ("metrics.loss is null", ["c"]), ("metrics.loss is not null", ["a", "b"]),
                ("not metrics.loss < 0.2", ["b", "c"]), ("metrics.loss != 0.1", ["b", "c"]),
                ("params.lr = 0.1", ["a", "c"]), ("params.lr = '0.1'", ["a", "c"]),
                ("params.lr > 0.1", ["b"]), ("params.lr != 0.1", ["b"]),
                ("params.optimizer.name = adam", ["a", "c"]),
                ("params.optimizer.name in ('sgd', 'adam')", ["a", "b", "c"]),
                ("params.optimizer.name not in ('sgd')", ["a", "c"]),
                ("params.optimizer.name like 'AD%'", ["a", "c"]),
                ("params.optimizer.name not like 'AD%'", ["b"]),
                ("params.optimizer.beta is null", ["b", "c"]),
                ("params.layers contains 64", ["a"]), ("params.layers contains 6", []),
                ("params.optimizer.name contains 'da'", ["a", "c"]),
                ("params.bias = true", ["a"]), ("params.none is null", ["a", "b", "c"]),
                ("tags.team = \"vision\"", ["a"]), ("tags.team != vision", ["b", "c"]),
                ("tags.mlflow.user = ada", ["c"]), ("tags.team is null", ["c"]),
                ("tags.team like '_ISION'", ["a"]), ("tags.team contains nl", ["b"]),
                ("status = completed", ["a"]), ("status != 'COMPLETED'", ["b", "c"]),
                ("status in (failed, running)", ["b", "c"]), ("name = a", ["a"]),
                ("name >= 'b'", ["b", "c"]), ("name like 'A'", ["a"]),
                ("attributes.run_name = 'c'", ["c"]), ("experiment = experiment-1", ["a", "b"]),
                ("experiment like 'EXPERIMENT-_'", ["a", "b", "c"]),
                ("experiment_id = '\(experiment)'", ["a", "b"]),
                ("project = digits-text or project = 'Digits text'", ["c"]),
                ("project != digits-text", ["a", "b"]),
                ("project in ('digits-text')", ["c"]), ("id = \(first.id)", ["a"]),
                ("id in (\(first.id))", ["a"]), ("parent = \(first.id)", ["b"]),
                ("parent is null", ["a", "c"]), ("started > '2026-01-01T10:30'", ["b"]),
                ("started >= 2026-01-01T09:00:00Z", ["a", "b"]),
                ("started > '2026-01-01 12:30+01:00'", ["b"]), ("started is null", ["c"]),
                ("started <= today and started > -30d", ["a", "b"]),
                ("started > -1d", []), ("duration >= 90", ["a", "b"]), ("duration > 15m", ["b"]),
                ("duration is null", ["c"]),
                ("created_by = '\(first.createdBy)'", ["a", "b", "c"]),
                ("created_by in ('\(first.createdBy)')", ["a", "b", "c"]),
                ("created_by in ('x@y.z', '\(first.createdBy)')", ["a", "b", "c"]),
                ("not created_by in ('\(first.createdBy)')", []),
                ("created_by != '\(first.createdBy)'", []), ("created_by in ('x@y.z')", []),
                ("not created_by in ('x@y.z')", ["a", "b", "c"]),
                ("created_by is not null", ["a", "b", "c"]), ("created_by = 'x@y.z'", []),
                ("error contains memory", ["b"]), ("error is null", ["a", "c"]),
                ("note = 'the best'", ["a"]), ("group is not null", ["b"]),
                ("early_stopped = true", ["b"]), ("early_stopped != true", ["a", "c"]),
                ("artifacts.weights.bin is null", ["a", "b", "c"]),
                ("environment.host.name = 'node''s' or env.host.name = \"o\\\"k\"", ["a"]),
                (
                    """
                    metrics.loss < 0.2 and (params.optimizer.name = "adam"
                      OR NOT tags.team = "vision") aNd status = completed
                    """, ["a"]
                ),
                ("name = a or name = b and name = c", ["a"]),
                ("(name = a or name = b) and name = b", ["b"]), ("not not name = a", ["a"]),
            ]
            for (text, names) in cases {
                let filter = try Filter<ExperimentRun>(
                    parsing: text, now: ConformanceContext.textNow)
                let found = try await context.workspace.runs.all { _ in filter }
                #expect(found.map(\.runName).sorted() == names, "\(text)")
            }
        },
        Scenario("Filter text: orders are those of columns and figures") { context in
            _ = try await context.textRuns()
            let cases: [(String, [String])] = [
                ("metrics.loss", ["a", "b", "c"]), ("metrics.loss.max desc", ["b", "a", "c"]),
                ("params.lr descending, name DESC", ["b", "a", "c"]),
                ("name desc", ["c", "b", "a"]),
                ("started desc", ["b", "a", "c"]), ("duration asc", ["a", "b", "c"]),
                ("params.optimizer.beta, attributes.name desc", ["a", "c", "b"]),
            ]
            for (text, names) in cases {
                let order = try [Order<ExperimentRun>](parsing: text)
                let found = try await context.workspace.runs.all(order: { _ in order })
                #expect(found.map(\.runName) == names, "\(text)")
            }
        },
    ]
}

extension ConformanceContext {
    fileprivate static let textNow = Date(timeIntervalSince1970: 1_767_571_200)

    /// Three runs: two nested ones of one tracker, and one as another, flat tracker keeps them.
    fileprivate func textRuns() async throws -> [ExperimentRun] {
        let project = try await workspace.projects.insert(Fixtures.project(1))
        let other = try await workspace.projects.insert(
            Project(name: "Digits text", slug: "digits-text"))
        let experiment = try await workspace.experiments.insert(
            Fixtures.experiment(1, in: project.id))
        let flat = try await workspace.experiments.insert(Fixtures.experiment(2, in: other.id))
        // 2026-01-01T10:00:00Z.
        let start = Date(timeIntervalSince1970: 1_767_261_600)
        var first = ExperimentRun(
            experiment: experiment.id, runName: "a", status: .completed,
            parameters: [
                "lr": 0.1, "optimizer": ["name": "adam", "beta": 0.9], "layers": [64, 32],
                "bias": true,
            ],
            tags: ["team": "vision", RunMark.note: "the best"],
            environment: ["host": ["name": "node's"]], startedAt: start,
            completedAt: start.addingTimeInterval(90), durationSeconds: 90)
        first.metrics = [
            "loss": MetricSummary(last: 0.1, min: 0.05, max: 0.6, step: 9, count: 10),
            "loss.min": MetricSummary(7, step: 0),
        ]
        var second = ExperimentRun(
            experiment: experiment.id, parentRun: first.id, runName: "b", status: .failed,
            parameters: ["lr": 0.2, "optimizer": ["name": "sgd"]],
            tags: [
                "team": "nlp", RunMark.group: "g", RunMark.earlyStopped: "no progress",
            ],
            errorMessage: "out of memory", startedAt: start.addingTimeInterval(7200),
            completedAt: start.addingTimeInterval(9200), durationSeconds: 2000)
        second.metrics = [
            "loss": MetricSummary(last: 0.5, min: 0.2, max: 0.9, step: 9, count: 10),
            "val.loss": MetricSummary(3, step: 0), "val/loss": MetricSummary(4, step: 0),
        ]
        let third = ExperimentRun(
            experiment: flat.id, runName: "c", status: .running,
            parameters: ["lr": "0.1", "optimizer.name": "adam"], tags: ["mlflow.user": "ada"])
        return try await history([first, second, third])
    }
}
