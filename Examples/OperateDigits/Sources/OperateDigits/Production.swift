import Digits
import Foundation
import MLOpsCore
import MLOpsOperations

/// What serves the digits, and its changes.
struct Production {
    static let deployment = "digits-api"
    static let weightsFile = "weights.json"

    let workspace: Workspace

    /// What is live: the version, where it came from, and the model itself.
    struct Live {
        let deployment: Deployment
        let lineage: Lineage
        let artifact: Artifact
        let model: any Classifier
    }

    /// Opens the version that is live, after its file was held against the hash of the version.
    func live() async throws -> Live {
        let (deployment, lineage) = try await workspace.read { tx in
            let deployment = try tx.deployments.all(where: {
                $0.name == Self.deployment && $0.environment == .production
            }).first
            guard let deployment,
                let version = try tx.deployments.liveVersion(of: deployment.id, at: .now)
            else { throw StoryError(expected: "TrainDigits has deployed \(Self.deployment)") }
            return (deployment, try tx.modelVersions.lineage(of: version.id))
        }
        guard let run = lineage.run, let artifact = run.artifacts[Self.weightsFile],
            artifact.sha256 == lineage.version.artifactSHA256,
            let kind = run.parameters["kind"]?.string.flatMap(ModelKind.init)
        else { throw StoryError(expected: "the version's run has the version's artifact") }
        // It verifies the bytes.
        let file = try await workspace.artifact(named: Self.weightsFile, of: run.id)
        return Live(
            deployment: deployment, lineage: lineage, artifact: artifact,
            model: try kind.classifier(from: Data(contentsOf: file)))
    }

    /// Trains a model in a run of its own, and makes the next version of it.
    func train(
        _ hyperparameters: Hyperparameters, on train: DigitImages, heldOut: DigitImages,
        named name: String, after live: Live
    ) async throws -> (version: ModelVersion, heldOut: Score) {
        var classifier = hyperparameters.makeClassifier()
        var score = Score(loss: .nan, accuracy: 0)
        let run = try await workspace.withRun(
            project: live.lineage.project.name, experiment: "new-scanner", name: name,
            parameters: hyperparameters
        ) { run in
            classifier.fit(
                train: train, heldOut: heldOut, hyperparameters,
                onStep: { step, loss in run.log("loss", loss, step: step) },
                onEpoch: { epoch in
                    score = epoch.heldOut
                    run.log("heldout_accuracy", score.accuracy, step: epoch.step)
                })
            let file = FileManager.default.temporaryDirectory.appending(path: "\(run.id).json")
            defer { try? FileManager.default.removeItem(at: file) }
            try JSONEncoder().encode(classifier).write(to: file)
            try await run.logArtifact(file, named: Self.weightsFile)
            try await run.logReferenceProfile(Features.profile(of: train))
            return run.id
        }
        let accuracy = score.accuracy
        let version = try await workspace.write { tx in
            let model = live.lineage.model.id
            return try tx.modelVersions.insert(
                ModelVersion(
                    model: model, version: tx.modelVersions.nextVersion(of: model), sourceRun: run,
                    artifactSHA256: tx.runs.find(run).artifacts[Self.weightsFile]?.sha256,
                    performanceMetrics: ["heldout_accuracy": .double(accuracy)],
                    description: name))
        }
        return (version, score)
    }

    /// Promotes a version to production and deploys it, or neither.
    func deploy(_ version: ModelVersion, to live: Live, reason: String) async throws {
        try await workspace.write { tx in
            try tx.modelVersions.promote(version.id, to: .production, archivingCurrent: true)
            try tx.deployments.update(live.deployment.id, to: version.id, reason: reason)
        }
    }

    /// Serves the version of before again; its stage follows.
    func rollBack(_ deployment: Deployment, reason: String) async throws {
        try await workspace.write { tx in
            let changed = try tx.deployments.rollback(deployment.id, reason: reason)
            try tx.modelVersions.promote(
                changed.modelVersionID, to: .production, archivingCurrent: true)
        }
    }
}
