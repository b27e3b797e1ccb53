import Foundation
import MLOpsCore

// Snippets of the guides on the registry, as GuideExamples has those of the others.

func oneLine(in workspace: Workspace, weights: URL) async throws -> Data {
    let run = try await workspace.startRun(project: "fraud", experiment: "baseline")
    try await run.logArtifact(weights, named: "weights")
    let signature = ModelSignature(
        inputs: .columns([
            .init("amount", .double), .init("country", .string),
            .init("device_age", .long, isRequired: false),
        ]),
        outputs: .columns([.init("score", .float)]))
    try await run.register(
        model: "fraud-classifier", artifact: "weights", aliases: ["champion"],
        signature: signature, framework: "xgboost")
    try await run.finish()
    let loaded = try await workspace.load(model: "fraud-classifier", alias: "champion")
    let data = try Data(contentsOf: loaded.files)
    return data
}

func naming(_ next: Identifier<ModelVersion>, of workspace: Workspace) async throws -> [String] {
    let version = try await workspace.modelVersions.find(next)
    try await workspace.models.setAlias("challenger", to: version.id, of: version.modelID)
    let aliases = try await workspace.models.aliases(of: version.modelID)
    print(aliases["champion"]?.version ?? "none", aliases["challenger"]?.version ?? "none")
    try await workspace.models.removeAlias("challenger", of: version.modelID)
    return aliases.keys.sorted()
}

func checking(_ version: ModelVersion) throws -> [SignatureMismatch] {
    struct Payment: Encodable {
        var amount: Double
        var country: String?
    }
    let payments = [Payment(amount: 12.5, country: "DE"), Payment(amount: 3, country: nil)]
    guard let signature = try version.signature() else { return [] }
    let mismatches = try signature.check(payments)
    for mismatch in mismatches { print(mismatch) }  // country: is missing (row 1)
    return mismatches
}

func making(in workspace: Workspace) async throws -> Model {
    let project = try await workspace.projects.findOrCreate(named: "Fraud Detection")
    let model = try await workspace.models.findOrCreate(
        Model(project: project.id, name: "fraud-classifier", framework: "xgboost"))
    let versions = try await workspace.modelVersions.of(model: model.id)
    print(versions.map(\.version))
    return model
}
