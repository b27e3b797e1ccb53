import Foundation
import MLOpsCore
import Testing

@Test func aModelGoesInAndComesOut() async throws {
    let store = try await SQLiteStore.inMemory()
    let workspace = try await store.localWorkspace()
    let project = try await workspace.projects.insert(Project(name: "Digits"))
    let model = try await workspace.models.insert(
        Model(project: project.id, name: "mlp", tags: ["a"], metadata: ["k": 1]))
    #expect(try await workspace.models.find(model.id) == model)
    var copy = model
    copy.name = "other"
    let updated = try await workspace.models.update(copy)
    #expect(updated.revision == 2)
    await #expect(throws: StoreError.self) { try await workspace.models.update(copy) }
    let found = try await workspace.models.all { $0.tags.contains("a") && $0.metadata["k"] > 0 }
    #expect(found.map(\.id) == [model.id])
    let deletion = try await workspace.projects.delete(project.id)
    #expect(deletion.counts == ["projects": 1, "models": 1])
    #expect(try await workspace.models.findIfExists(model.id) == nil)
    try await workspace.projects.restore(project.id)
    #expect(try await workspace.models.find(model.id).name == "other")
    try await workspace.projects.delete(project.id)
    let purged = try await workspace.projects.purge(project.id)
    #expect(purged.total == 2)
    try await store.close()
}

@Test func aFileIsReopened() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(Identifier<Model>()).db")
    let store = try await SQLiteStore.open(path.path)
    let workspace = try await store.localWorkspace()
    let project = try await workspace.projects.insert(Project(name: "Digits"))
    #expect(try await store.verify().problems == [])
    try await store.close()
    let again = try await SQLiteStore.open(path.path)
    #expect(try await again.localWorkspace().projects.find(project.id) == project)
    try await again.close()
    try FileManager.default.removeItem(at: path)
}
