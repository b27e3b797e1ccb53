import Foundation
import MLOpsCore
import Testing

@Suite struct PurgeCommandTests {
    @Test func aDryRunTakesNothing() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            try await workspace.runs.delete(fixture.runs[1].id)
            try await workspace.projects.delete(fixture.project.id)
        }
        let dry = try await tool("purge", "--dry-run", "--json")
        #expect(dry.status == 0, "\(dry.errors)")
        let wanted = try dry.json()
        #expect(wanted["is_dry_run"] == true)
        #expect(wanted["entries"]?.array?.count == 1, "the run goes with its project")
        #expect(wanted["entries"]?[0]?["kind"] == "project")
        #expect(wanted["entries"]?[0]?["rows"]?["experiment_runs"] == 3)
        #expect(try await tool("purge", "--older-than", "1", "--json").json()["entries"] == [])
        let again = try await tool("purge", "--dry-run", "--json").json()
        #expect(again["removed_rows"] == wanted["removed_rows"])
        let real = try await tool("purge", "--json").json()
        #expect(real["removed_rows"] == wanted["removed_rows"])
        #expect(real["size_bytes"]?.int ?? 0 < real["size_bytes_before"]?.int ?? 0)
        #expect(try await tool("purge", "--json").json()["removed_rows"] == 0)
        #expect(try await tool("db", "verify").status == 0)
    }

    @Test func theFilesOfPurgedRunsAreRemoved() async throws {
        let tool = try Tool()
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try await run.logArtifact(URL(filePath: #filePath))
            try await run.finish()
            try await workspace.runs.delete(run.id)
            try await workspace.runs.purge(run.id)
        }
        let young = try await tool("artifacts", "prune")
        #expect(young.status == 0 && young.output.hasPrefix("removed 0 files"), "\(young.errors)")
        let dry = try await tool("artifacts", "prune", "--older-than", "0", "--dry-run", "--json")
        #expect(try dry.json()["files"] == 1)
        let done = try await tool("artifacts", "prune", "--older-than", "0", "--json").json()
        #expect(done["files"] == 1 && done["bytes"]?.int ?? 0 > 0)
        #expect(try await tool("artifacts", "prune", "--older-than", "-1").status == 64)
    }

    @Test func anArtifactIsExportedByItsName() async throws {
        let tool = try Tool()
        let source = tool.directory.appending(path: "weights.bin")
        try Data("weights".utf8).write(to: source)
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            let run = try await workspace.startRun(project: "p", experiment: "e", name: "first")
            try await run.logArtifact(source, named: "model")
            try await run.finish()
        }
        let result = try await tool("artifacts", "export", "first", "model", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try result.json()["artifact"]?["size_bytes"] == 7)
        #expect(try result.json()["artifact"]?["kind"] == "file")
        let exported = tool.directory.appending(path: "model.bin")
        #expect(try Data(contentsOf: exported) == Data("weights".utf8))
        #expect(try await tool("artifacts", "export", "first", "model").status == 73)
        let named = try await tool("artifacts", "export", "first", "model", "--to", "other")
        #expect(named.status == 0 && named.output.hasSuffix("other, 7 B\n"), "\(named.output)")
        let missing = try await tool("artifacts", "export", "first", "none")
        #expect(missing.status == 1 && missing.errors.contains("there are: model"))
    }

    @Test func whatLiveRowsNeedStays() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            let deployment = try await workspace.deployments.insert(
                Deployment(
                    project: fixture.project.id, modelVersion: fixture.version.id, name: "api",
                    environment: .production))
            try await workspace.deployments.delete(deployment.id)
            try await workspace.models.delete(fixture.model.id)
        }
        let result = try await tool("purge", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let kinds = try result.json()["entries"]?.array?.map { $0["kind"] }
        #expect(kinds == ["deployment", "model"], "the deployment goes before what it names")
    }

    @Test func everythingOfADeletedOrganizationGoes() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            _ = try await store.withSystemAccess(reason: "A test deletes a tenant.") { access in
                try await access.write {
                    try $0.organizations.delete(fixture.project.organizationID)
                }
            }
        }
        #expect(try await tool("purge").status == 1)
        let result = try await tool("purge", "--all-organizations", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try result.json()["entries"]?[0]?["kind"] == "organization")
        #expect(try await tool("runs", "list").status == 1)
    }
}
