import Foundation
import MLOpsCore
import MLOpsSampleData
import MLOpsTesting
import Testing

@Test func aWorkspaceInOneLine() async throws {
    let workspace = try await Workspace.inMemory()
    #expect(try await workspace.memberships.all().map(\.role) == [.owner])
}

@Test func aTreeHoldsOneRowOfEveryEntity() async throws {
    let workspace = try await Workspace.inMemory()
    let tree = try await Fixtures.insertTree(into: workspace)
    #expect(try await workspace.projects.find(tree.project.id) == tree.project)
    let lineage = try await workspace.read { try $0.modelVersions.lineage(of: tree.version.id) }
    #expect(lineage.experiment == tree.experiment && lineage.run == tree.run)
    #expect(try await workspace.auditLogs.all().contains(tree.auditLog))
    #expect(try await workspace.notificationRules.all() == [tree.rule])
    let second = try await Fixtures.insertTree(into: workspace, number: 2)
    #expect(second.project.id > tree.project.id)
}

@Test func fixturesAreTheSameInEveryRun() {
    #expect(Fixtures.project(3) == Fixtures.project(3))
    #expect(Fixtures.id(Project.self, 1).description.hasPrefix("0194"))
    #expect(Fixtures.id(Project.self, 1).uuid != Fixtures.id(Model.self, 1).uuid)
    #expect(Fixtures.project(name: "Other").name == "Other")
}

@Test func aSeededWorkspaceIsTheSampleOrganization() async throws {
    let workspace = try await Workspace.seeded(seed: 7)
    #expect(try await workspace.organizations.all().map(\.slug) == [SampleData.slug])
    #expect(try await workspace.deployments.count() > 0)
    let again = try await Workspace.seeded(seed: 7)
    #expect(try await again.runs.all() == workspace.runs.all())
}
