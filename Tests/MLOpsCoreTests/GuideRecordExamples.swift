import Foundation
import MLOpsCore
import Testing

// The snippets on records, to the letter but for their indentation.

private struct Prediction: Encodable {
    var label: String
    var score: Double?
}

private struct Settings: Codable { var rate = 0.1 }

private func recording(
    _ run: RunLogger, _ predictions: [Prediction], steps: Int, gradients: [Float],
    picture: (Int) -> Data
) async throws {
    let settings = Settings()
    let table = try RunTable(rows: predictions)
    for step in stride(from: 0, to: steps, by: 10) {
        try run.log(image: picture(step), named: "samples", step: step)
        try run.log(
            histogram: RunHistogram(of: gradients, bins: 32), named: "gradients", step: step)
    }
    try run.log(table: table, named: "predictions", step: steps)
    try run.log(text: "The first run with the new labels.", named: "remark")
    try await run.logArtifact(encoding: settings, named: "settings")
}

private func reading(
    _ run: Identifier<ExperimentRun>, of workspace: Workspace
) async throws -> String {
    let last = try await workspace.table(named: "predictions", of: run)
    let first = try await workspace.image(named: "samples", of: run, step: 0)
    let items = try await workspace.recordedItems(named: "samples", of: run)
    let settings = try await workspace.artifact(Settings.self, named: "settings", of: run)
    return "\(last.rowCount) \(first.width) \(items.count) \(settings.rate)"
}

private func using(_ run: RunLogger, sha256: String) throws {
    let data = try Dataset(
        name: "digits", digest: sha256, source: "https://example.com/digits.csv",
        schema: ["pixels": "double", "label": "integer"], context: "training")
    run.log(dataset: data)
}

private func following(
    _ version: Identifier<ModelVersion>, in workspace: Workspace
) async throws -> [ModelVersion] {
    let lineage = try await workspace.read { try $0.modelVersions.lineage(of: version) }
    let others = try await workspace.read {
        try $0.modelVersions.using(datasetDigest: lineage.datasets[0].digest)
    }
    return others
}

/// Runs them in a project of their own, which is deleted again.
func theRecordSnippetsRun(in workspace: Workspace) async throws {
    let run = try await workspace.startRun(project: "Records", experiment: "e")
    var png = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13])
    png += Data("IHDR".utf8) + Data([0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0, 0, 0, 0, 0])
    let predictions = [Prediction(label: "7", score: 0.9), Prediction(label: "1", score: nil)]
    try await recording(run, predictions, steps: 30, gradients: [1, 2]) { [png] _ in png }
    try using(run, sha256: "v1")
    try await run.finish()
    #expect(try await reading(run.id, of: workspace) == "2 3 3 0.1")
    let project = try #require(await workspace.projects.first { $0.name == "Records" })
    let model = try await workspace.models.insert(Model(project: project.id, name: "m"))
    let version = try await workspace.modelVersions.insert(
        ModelVersion(model: model.id, version: "1", sourceRun: run.id))
    #expect(try await following(version.id, in: workspace).map(\.id) == [version.id])
    try await workspace.projects.delete(project.id)
}
