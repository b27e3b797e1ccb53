import Foundation
import MLOpsCore
import Testing

// The README's example, to the letter.
func train(databaseAt path: String) async throws -> String? {
    let store = try await SQLiteStore.open(path)
    let workspace = try await store.localWorkspace()

    // A run: the project and the experiment are made when they do not exist.
    let run = try await workspace.withRun(
        project: "Digits", experiment: "sweep", parameters: ["learning_rate": 0.1]
    ) { run in
        for step in 0..<100 {
            run.log(["loss": 1 / Double(step + 1), "accuracy": Double(step) / 100], step: step)
        }
        return run.id
    }

    // A version made from it, in production and deployed, in one transaction.
    let deployment = try await workspace.write { tx in
        let project = try tx.projects.withSlug("digits")
        guard let project else { throw StoreError(.notFound, "There is no project.") }
        let model =
            try tx.models.named("classifier", in: project.id)
            ?? tx.models.insert(Model(project: project.id, name: "classifier"))
        let version = try tx.modelVersions.insert(
            ModelVersion(
                model: model.id, version: tx.modelVersions.nextVersion(of: model.id),
                sourceRun: run))
        _ = try tx.modelVersions.promote(version.id, to: .production, archivingCurrent: true)
        let running = try tx.deployments.named(
            "digits-api", environment: .production, in: project.id)
        if let running { return try tx.deployments.update(running.id, to: version.id) }
        return try tx.deployments.deploy(
            Deployment(
                project: project.id, modelVersion: version.id, name: "digits-api",
                environment: .production))
    }

    // Typed filters, bound and never spliced.
    let good = try await workspace.runs.all {
        $0.status == .completed && $0.metrics["accuracy"] > 0.9
    }
    let live = try await workspace.read { tx in
        try tx.deployments.liveVersion(of: deployment.id, at: .now)
    }
    try await store.close()
    return good.isEmpty ? nil : live?.version
}

@Test func theReadmesExampleIsTheOneThatRuns() async throws {
    let scratch = try Scratch()
    let first = try await train(databaseAt: scratch.path("mlops.db"))
    let second = try await train(databaseAt: scratch.path("mlops.db"))
    #expect([first, second] == ["1", "2"])
    let here = URL(filePath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let source = try String(contentsOf: here, encoding: .utf8)
    let start = try #require(readme.range(of: "func train(")).lowerBound
    let end = try #require(readme[start...].range(of: "\n```")).lowerBound
    #expect(source.contains(readme[start..<end]))
}
