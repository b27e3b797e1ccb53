import Foundation
import MLOpsCore

// The snippets of the guides on queries and on what runs log, to the letter but for their
// indentation.

func queries(in workspace: Workspace) async throws -> [ExperimentRun] {
    let runs = try await workspace.runs.all(
        where: {
            $0.status == .completed && $0.metrics["accuracy"] > 0.9 && $0.tags["team"] == "vision"
        },
        order: { [$0.metrics["accuracy"].descending] })
    var page = try await workspace.runs.page(
        Query(order: { [$0.startedAt.descending] }, limit: 50))
    while let next = page.next {
        page = try await workspace.runs.page(
            Query(order: { [$0.startedAt.descending] }, limit: 50, after: next))
    }
    return runs
}

func values(in workspace: Workspace) async throws -> [ExperimentRun] {
    let (best, optimizer) = (0.95, "adam")
    let similar = try await workspace.runs.all(where: {
        $0.metrics["accuracy"] > best - 0.05 && $0.parameters["optimizer", "name"] == optimizer
            && $0.experiment.name.isIn(["sweep", "sweep 2"]) && $0.project.name == "Digits"
    })
    return similar
}

func texts(in workspace: Workspace) async throws -> [ExperimentRun] {
    let filter = try Filter<ExperimentRun>(
        parsing: "metrics.loss.min < 0.2 and (params.lr < 0.1 or not tags.team = 'vision')")
    let order = try [Order<ExperimentRun>](parsing: "metrics.loss.min, started desc")
    let best = try await workspace.runs.all(where: { _ in filter }, order: { _ in order })
    return best
}

func loggingValues(in workspace: Workspace) async throws -> Identifier<ExperimentRun> {
    let (rate, optimizer, loss, measured) = (Float(0.1), "adam", Float(0.5), Date())
    let epoch = ["loss": 0.4, "accuracy": 0.9]
    let run = try await workspace.startRun(
        project: "Digits", experiment: "sweep",
        parameters: ["learning_rate": rate, "layers": [64, 32], "optimizer": optimizer],
        note: "a wider first layer", group: "widths")
    try await run.setParameters(["parameters": ["trainable": 12_000]])
    run.log("loss", loss)
    run.log(epoch, step: 1)
    run.log(["train": ["loss": 0.3], "valid": ["loss": 0.4]], step: 2, at: measured)
    try await run.markEarlyStopped(reason: "no progress for 10 epochs", step: 2)
    try await run.finish()
    return run.id
}
