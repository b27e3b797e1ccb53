import Foundation
import MLOpsCore

/// A project with a model, and an experiment of three runs with metrics.
struct Fixture: Sendable {
    let runs: [ExperimentRun]
    let project: Project
    let experiment: Experiment
    let model: Model
    let version: ModelVersion

    /// The step of the only outlier of `loss`, and the number of points.
    static let spike: Int64 = 7_777
    static let points: Int64 = 10_000

    init(in tool: Tool, names: [String] = ["first", "second", "third"]) async throws {
        self = try await tool.store { store in
            let workspace = try await store.localWorkspace()
            return try await workspace.write { try Fixture($0, names) }
        }
    }

    private init(_ tx: any Transaction, _ names: [String]) throws {
        project = try tx.projects.insert(Project(name: "Digits"))
        experiment = try tx.experiments.insert(Experiment(project: project.id, name: "sweep"))
        let experiment = experiment
        let start = Date(timeIntervalSince1970: 1_767_600_000.25)
        runs = try names.enumerated().map { index, name in
            let run = try tx.runs.insert(
                ExperimentRun(
                    experiment: experiment.id, runName: name, status: .completed,
                    parameters: ["rate": .double(0.1 * Double(index + 1)), "width": 32],
                    tags: ["host": "a"], startedAt: start, completedAt: start + 90,
                    durationSeconds: 90, createdAt: start + Double(index)))
            var batch = MetricBatch()
            for step in 0..<(index == 0 ? Self.points : 4) {
                batch.add("loss", step == Self.spike ? 100 : 1, step: step, at: start)
            }
            batch.add("accuracy", [0.5, 0.9, 0.7][index % 3], step: 1, at: start)
            try tx.runs.append(batch, to: run.id)
            return run
        }
        model = try tx.models.insert(Model(project: project.id, name: "digits-mlp"))
        let made = try tx.modelVersions.insert(
            ModelVersion(
                model: model.id, version: "1.0.0", sourceRun: runs.first?.id,
                modelSizeBytes: 2048, performanceMetrics: ["accuracy": 0.9]))
        version = try tx.modelVersions.promote(made.id, to: .production)
    }
}
