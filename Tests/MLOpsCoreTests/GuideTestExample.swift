import MLOpsCore
import MLOpsTesting
import Testing

@Test(.freshWorkspace) func aModelIsFound() async throws {
    let workspace = try Workspace.current
    let project = try await workspace.projects.insert(Project(name: "Digits"))
    let model = try await workspace.models.insert(Model(project: project.id, name: "mlp"))
    #expect(try await workspace.models.find(model.id) == model)
}
