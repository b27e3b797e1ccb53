import Foundation
import MLOpsCore
import Testing

@Suite struct ImportCommandTests {
    private func write(_ text: String, to name: String, in tool: Tool) throws {
        try Data(text.utf8).write(to: tool.directory.appending(path: name))
    }

    private static func rows(_ runs: Int, _ points: Int) -> String {
        var text = "run,metric,step,timestamp,value\n"
        for run in 0..<runs {
            for step in 0..<points { text += "run \(run),loss,\(step),\(1000 + step),0.5\n" }
        }
        return text
    }

    @Test func aNewDatabaseIsMadeAndTheReportTells() async throws {
        let tool = try Tool()
        try write(Self.rows(2, 3) + "run 0,loss,x,1,2\n", to: "a.csv", in: tool)
        let dry = try await tool("import", "csv", "a.csv", "--dry-run")
        #expect(dry.status == 0 && dry.output.contains("would be taken"), "\(dry.errors)")
        #expect(!FileManager.default.fileExists(atPath: tool.database))
        let result = try await tool("import", "csv", "a.csv", "--project", "Digits")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.lines.prefix(2) == [
                "taken from csv into the project Digits: 1 experiment, 2 runs, 6 points", "left:",
            ])
        let again = try await tool("import", "csv", "a.csv", "--project", "digits", "--json")
        let json = try again.json()
        #expect(json["taken"]?["points"] == 0 && json["present"]?["points"] == 6)
        #expect(json["notes"]?["left"]?[0]?["count"] == 1)
        let runs = try await tool("runs", "list")
        #expect(runs.output.contains("run 1"), "\(runs.output)\(runs.errors)")
    }

    @Test func anImportFromNothingFails() async throws {
        let tool = try Tool()
        try write("", to: "empty.csv", in: tool)
        #expect(try await tool("import", "csv", "none.csv").status == 66)
        #expect(try await tool("import", "csv", "empty.csv").status == 65)
        #expect(try await tool("import", "mlflow", "empty.csv").status == 65)
        #expect(try await tool("import", "mlflow-files", "none").status == 66)
        #expect(try await tool("import", "trackio", "empty.csv").status == 65)
        #expect(try await tool("import", "tensorboard", "none").status == 66)
        #expect(try await tool("import", "mlflow", "http://127.0.0.1:1").status == 66)
        #expect(!FileManager.default.fileExists(atPath: tool.database))
    }

    /// The disk fills: files may not grow beyond 4 MiB.
    @Test func afterAFullDiskTheNextImportGoesOn() async throws {
        let tool = try Tool()
        let points = 6000
        try write(Self.rows(6, points), to: "a.csv", in: tool)
        let result = try await tool.shell(
            "cd '\(tool.directory.path)'; trap '' XFSZ; ulimit -f 8192; mlops import csv a.csv")
        #expect(result.status == 73, "\(result.status) \(result.output)\(result.errors)")
        let counts = try await tool.store { store in
            try await store.localWorkspace().read { tx in
                try tx.runs.all().map { run in
                    try tx.metrics.count { $0.runID == run.id } == points
                        && run.metrics["loss"]?.count == points
                }
            }
        }
        #expect(counts.count < 6 && counts.allSatisfy(\.self), "\(counts)")
        let rest = try await tool("import", "csv", "a.csv", "--json")
        let json = try rest.json()
        #expect(json["taken"]?["runs"]?.int == Int64(6 - counts.count))
        #expect(json["present"]?["runs"]?.int == Int64(counts.count))
        #expect(json["taken"]?["points"]?.int == Int64((6 - counts.count) * points))
    }

    @Test func aProjectGoesThroughAnArchive() async throws {
        let tool = try Tool()
        try write(Self.rows(3, 4), to: "a.csv", in: tool)
        _ = try await tool("import", "csv", "a.csv", "--project", "Digits")
        let exported = try await tool("export", "project", "digits", "--out", "d.tgz")
        #expect(exported.status == 0, "\(exported.errors)")
        #expect(
            exported.lines.first
                == "exported from the project Digits: 1 experiment, 3 runs, 12 points")
        #expect(try await tool("export", "project", "digits", "--out", "d.tgz").status == 73)
        #expect(try await tool("export", "project", "none", "--out", "n.tgz").status == 1)
        let again = try await tool("import", "project", "d.tgz", "--json")
        #expect(try again.json()["taken"]?["runs"] == 0, "\(again.errors)")
        let copy = try await tool("import", "project", "d.tgz", "--project", "Copy", "--json")
        #expect(try copy.json()["taken"]?["points"] == 12, "\(copy.errors)")
        #expect(try await tool("import", "project", "a.csv").status == 65)
        #expect(try await tool("import", "project", "none.tgz").status == 66)
    }

    /// The disk fills: files may not grow beyond 4 MiB, the archive's rows fit.
    @Test func afterAFullDiskTheArchiveGoesOn() async throws {
        let tool = try Tool()
        let points = 6000
        try write(Self.rows(6, points), to: "a.csv", in: tool)
        _ = try await tool("import", "csv", "a.csv", "--project", "digits")
        let exported = try await tool("export", "project", "digits", "--out", "d.tar")
        #expect(exported.status == 0, "\(exported.errors)")
        let other = try Tool()
        let archive = tool.directory.appending(path: "d.tar").path
        let small = """
            cd '\(other.directory.path)'; trap '' XFSZ; ulimit -f 8192; \
            mlops import project '\(archive)'
            """
        let result = try await other.shell(small)
        #expect(result.status == 73, "\(result.status) \(result.output)\(result.errors)")
        let counts = try await other.store { store in
            try await store.localWorkspace().read { tx in
                try tx.runs.all().map { run in
                    try tx.metrics.count { $0.runID == run.id } == points
                        && run.metrics["loss"]?.count == points
                }
            }
        }
        #expect(counts.count < 6 && counts.allSatisfy(\.self), "\(counts)")
        let rest = try await other("import", "project", archive, "--json")
        let json = try rest.json()
        #expect(json["taken"]?["runs"]?.int == Int64(6 - counts.count), "\(rest.errors)")
        #expect(json["taken"]?["points"]?.int == Int64((6 - counts.count) * points))
        // An export that finds no room leaves nothing.
        let none = try await tool.shell(
            "cd '\(tool.directory.path)'; trap '' XFSZ; ulimit -f 100; "
                + "mlops export project digits --out e.tar")
        #expect(none.status == 73, "\(none.output)\(none.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: tool.directory.path)
        #expect(!names.contains { $0.contains("e.tar") }, "\(names)")
    }
}
