import Foundation
import MLOpsCore
import Testing

@Suite struct ExportCommandTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func tablesAreWrittenInBothFormats() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let points = try await tool("export", "metrics", "second", "--metric", "loss")
        #expect(points.status == 0 && points.lines.count == 5, "\(points.errors)")
        #expect(
            points.lines[1] == "\(fixture.runs[1].id),second,sweep,digits,loss,0,1,"
                + "2026-01-05T08:00:00.250000Z")
        let short = try await tool("runs", "export", "--format", "long")
        #expect(try await tool("export", "metrics").output == short.output)
        let wide = try await tool("runs", "export", "--format", "wide")
        #expect(try await tool("export", "runs").output == wide.output)
        let lines = try await tool(
            "export", "runs", "--where", "params.rate > 0.15", "--format", "jsonl"
        ).lines
        #expect(lines.count == 2)
        let run = try JSONDecoder().decode(JSONValue.self, from: Data(lines[0].utf8))
        #expect(run["run_name"] == "second" && run["metrics"]?["loss"]?["max"] == 1)
        let versions = try await tool("export", "registry")
        #expect(versions.lines.count == 2 && versions.lines[1].contains(",1.0.0,1,production,"))
        let models = try await tool(
            "export", "registry", "--table", "models", "--format", "jsonl", "--project", "digits")
        #expect(try models.json()["model"] == "digits-mlp")
        let nobody = try await tool("export", "registry", "--project", "nothing")
        #expect(nobody.status == 1 && nobody.output.isEmpty)
    }

    @Test func aFileIsReplacedOnlyByForce() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let first = try await tool("export", "metrics", "--out", "a.csv", "--json")
        let path = tool.directory.path + "/a.csv"
        let count = Fixture.points + 4 + 4 + 3
        #expect(try first.json()["rows"] == .int(count) && mode(path) == 0o600)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(try first.json()["bytes"]?.int == size.map { Int64($0) })
        let again = try await tool("export", "runs", "--out", "a.csv")
        #expect(again.status == 73 && again.errors.contains("exists already"))
        let forced = try await tool("export", "runs", "--out", "a.csv", "--force")
        #expect(forced.output == "3 rows written to a.csv\n", "\(forced.errors)")
        for wrong in [["--force"], ["--json"], ["--format", "parquet"]] {
            #expect(try await tool(["export", "runs"] + wrong).status == 64)
        }
        let full = try await tool("export", "metrics", output: URL(filePath: "/dev/full"))
        #expect(full.status == 73 && full.errors.contains("the disk is full"))
    }

    @Test func tensorBoardGetsADirectory() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let result = try await tool("export", "tensorboard", "second", "--out", "logs", "--json")
        #expect(try result.json()["points"] == 5 && result.json()["runs"] == 1)
        let folder = "second-\(fixture.runs[1].id.description.suffix(8))"
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: tool.directory.path + "/logs")
                == [folder])
        let taken = try await tool("import", "tensorboard", "logs", "--project", "copy", "--json")
        #expect(try taken.json()["taken"]?["points"] == 5, "\(taken.errors)")
        let again = try await tool("export", "tensorboard", "--out", "logs")
        #expect(again.status == 73 && again.errors.contains("exists already"))
        #expect(try await tool("export", "tensorboard").status == 64)
    }

    @Test func whoIsNamedSeesWhatTheyMay() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            var project = try await workspace.projects.find(fixture.project.id)
            project.visibility = .private
            try await workspace.projects.update(project)
        }
        let outsider = try await tool.member("outsider@example.com")
        for table in ["runs", "metrics", "registry"] {
            let own = try await tool("export", table)
            let theirs = try await tool("export", table, "--as", outsider)
            #expect(own.lines.count > 1 && theirs.lines.count == 1, "\(table): \(theirs.errors)")
        }
        let logs = try await tool(
            "export", "tensorboard", "--as", outsider, "--out", "logs", "--json")
        #expect(try logs.json()["runs"] == 0)
    }
}
