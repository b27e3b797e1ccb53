import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Logged models, which are runs of a kind of their own.
    static let loggedModels: [Scenario] = [
        Scenario("Runs: logged models are left out unless the filter names the kind") { context in
            let site = try await LoggedModelSite(context)
            let (workspace, tree) = (context.workspace, site.tree)
            let all = try await context.read { tx in
                (
                    plain: try tx.runs.all(),
                    runs: try tx.runs.all { $0.kind == .run },
                    logged: try tx.runs.all { $0.kind == .loggedModel },
                    both: try tx.runs.all { $0.kind.isIn(RunKind.allCases) },
                    notRuns: try tx.runs.all { !($0.kind == .run) && $0.runName != "other" },
                    named: try tx.runs.first { $0.runName == site.logged.runName },
                    count: try tx.runs.count()
                )
            }
            #expect(all.plain == [tree.run] && all.runs == [tree.run])
            #expect(all.logged == [site.logged] && all.notRuns == [site.logged])
            #expect(all.both.count == 2 && all.count == 1 && all.named == nil)
            let query = Query<ExperimentRun>(where: {
                $0.experimentID == tree.experiment.id && $0.kind == .loggedModel
            })
            #expect(try await workspace.runs.page(query).records == [site.logged])
            var streamed: [ExperimentRun] = []
            for try await run in workspace.runs.stream() { streamed.append(run) }
            #expect(streamed == [tree.run])
        },
        Scenario("Runs: finders return no logged models, and ids find them") { context in
            let site = try await LoggedModelSite(context)
            let tree = site.tree
            let found = try await context.read { tx in
                (
                    id: try tx.runs.find(site.logged.id),
                    all: try tx.runs.of(experiment: tree.experiment.id),
                    children: try tx.runs.children(of: tree.run.id),
                    running: try tx.runs.running(),
                    ranked: try tx.runs.ranked(by: "accuracy", in: tree.experiment.id),
                    ancestors: try tx.runs.ancestors(of: site.logged.id)
                )
            }
            #expect(found.id == site.logged && found.all == [tree.run])
            #expect(found.children.isEmpty && found.running.isEmpty)
            #expect(found.ranked.map(\.id) == [tree.run.id])
            #expect(found.ancestors.map(\.id) == [tree.run.id])
        },
        Scenario("Runs: a kind never changes, and a deletion takes logged models along") {
            context in
            let site = try await LoggedModelSite(context)
            var logged = site.logged
            (logged.kind, logged.runName) = (.run, "renamed")
            let updated = try await context.workspace.runs.update(logged)
            #expect(updated.kind == .loggedModel && updated.runName == "renamed")
            try await context.workspace.runs.delete(site.tree.run.id)
            let deleted = Query<ExperimentRun>(
                where: { $0.kind.isIn(RunKind.allCases) }, deleted: .only)
            #expect(try await context.workspace.runs.page(deleted).count == 2)
            #expect(try await context.workspace.runs.page(Query(deleted: .only)).count == 1)
            try await context.workspace.runs.restore(site.tree.run.id)
            #expect(try await context.workspace.runs.find(updated.id).kind == .loggedModel)
        },
    ]
}

/// A run with points, and a running logged model below it with points of its own.
private struct LoggedModelSite: Sendable {
    let tree: FixtureTree
    let logged: ExperimentRun

    init(_ context: ConformanceContext) async throws {
        var tree = try await context.tree()
        let (run, experiment) = (tree.run.id, tree.experiment.id)
        var model = Fixtures.run(2, of: experiment, parent: run, status: .running)
        (model.kind, model.runName) = (.loggedModel, "classifier")
        let id = model.id
        let stored = try await context.write { [model] tx in
            try tx.runs.insert(model)
            for row in [run, id] {
                var batch = MetricBatch()
                batch.add("accuracy", 0.5, step: 1, at: Fixtures.date)
                try tx.runs.append(batch, to: row)
            }
            return (run: try tx.runs.find(run), logged: try tx.runs.find(id))
        }
        tree.run = stored.run
        self.tree = tree
        logged = stored.logged
    }
}
