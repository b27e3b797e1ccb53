import Digits
import Foundation
import MLOpsCore

/// Makes versions of trained classifiers, and puts them to work.
struct Registry {
    static let model = "digit-classifier"
    static let deployment = "digits-api"

    let workspace: Workspace
    let heldOut: DigitImages

    /// Makes the next version of the model from a run.
    ///
    /// The stored weights are read back first and have to give the accuracy that the run logged.
    func register(_ run: ExperimentRun) async throws -> ModelVersion {
        let accuracy = run.heldOutAccuracy
        guard let artifact = run.artifacts[Sweep.weightsFile],
            let kind = run.parameters["kind"]?.string.flatMap(ModelKind.init)
        else { throw RegistryError.noWeights(run.runName) }
        let file = try await workspace.artifact(named: Sweep.weightsFile, of: run.id)
        let classifier = try kind.classifier(from: Data(contentsOf: file))
        guard classifier.score(on: heldOut).accuracy == accuracy else {
            throw RegistryError.anotherAccuracy(run.runName)
        }
        return try await workspace.write { tx in
            let experiment = try tx.experiments.find(run.experimentID)
            let model =
                try tx.models.named(Self.model, in: experiment.projectID)
                ?? tx.models.insert(
                    Model(
                        project: experiment.projectID, name: Self.model,
                        description: "Recognises handwritten digits of 8 by 8 pixels.",
                        modelType: "classifier", taskType: "image-classification",
                        framework: "swift", tags: ["digits"]))
            return try tx.modelVersions.insert(
                ModelVersion(
                    model: model.id, version: tx.modelVersions.nextVersion(of: model.id),
                    sourceRun: run.id, artifactURI: "sha256:\(artifact.sha256)",
                    artifactSHA256: artifact.sha256,
                    modelSizeBytes: artifact.sizeBytes,
                    performanceMetrics: [Sweep.accuracy: .double(accuracy)],
                    modelSchema: ["input": "64 pixels from 0 to 1", "output": "10 scores"],
                    description: run.runName))
        }
    }

    /// Promotes a version to production and deploys it, or neither.
    @discardableResult
    func deploy(_ version: ModelVersion, reason: String) async throws -> Deployment {
        try await workspace.write { tx in
            try tx.modelVersions.promote(version.id, to: .production, archivingCurrent: true)
            let project = try tx.models.find(version.modelID).projectID
            if let existing = try tx.deployments.named(
                Self.deployment, environment: .production, in: project)
            {
                return try tx.deployments.update(existing.id, to: version.id, reason: reason)
            }
            return try tx.deployments.deploy(
                Deployment(
                    project: project, modelVersion: version.id, name: Self.deployment,
                    environment: .production, endpointURL: "http://localhost:8080/digits"),
                reason: reason)
        }
    }

    /// Takes a deployment back to the version before; its stage follows.
    func rollBack(_ deployment: Deployment, reason: String) async throws {
        try await workspace.write { tx in
            let live = try tx.deployments.rollback(deployment.id, reason: reason)
            try tx.modelVersions.promote(
                live.modelVersionID, to: .production, archivingCurrent: true)
        }
    }
}

/// Why a run cannot become a version.
enum RegistryError: Error, CustomStringConvertible {
    case noWeights(String)
    case anotherAccuracy(String)

    var description: String {
        switch self {
        case .noWeights(let run): "The run \(run) has no weights."
        case .anotherAccuracy(let run):
            "The stored weights of \(run) do not give the accuracy that it logged."
        }
    }
}

extension ExperimentRun {
    /// The accuracy on the held-out images after the last epoch.
    var heldOutAccuracy: Double { metrics[Sweep.accuracy]?.last ?? 0 }
}
