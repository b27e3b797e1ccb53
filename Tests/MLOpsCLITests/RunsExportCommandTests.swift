import Foundation
import MLOpsCore
import Testing

@Suite struct RunsExportCommandTests {
    @Test func everyFormatHoldsEveryDigit() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            try await workspace.write { tx in
                var batch = MetricBatch()
                for (step, value) in [0.1 + 0.2, .nan, .infinity, -0.0].enumerated() {
                    batch.add("odd, \"name\"", value, step: Int64(step), at: .now)
                }
                try tx.runs.append(batch, to: fixture.runs[1].id)
            }
        }
        let long = try await tool("runs", "export", "second", "--format", "long")
        #expect(long.lines[0] == "run_id,run_name,experiment,project,metric,step,value,timestamp")
        let odd = long.lines.filter { $0.contains("\"odd, \"\"name\"\"\"") }
        #expect(
            odd.map { $0.split(separator: ",").suffix(2).first } == [
                "0.30000000000000004", "NaN", "Infinity", "-0.0",
            ])
        let lines = try await tool("runs", "export", "second").lines.map {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
        }
        #expect(lines.count == 1 + 5 + 4)
        #expect(lines[0]["type"] == "run" && lines[0]["parameters"]?["width"] == 32)
        let values = lines.filter { $0["metric"] == "odd, \"name\"" }.map { $0["value"] }
        #expect(values == [.double(0.1 + 0.2), "NaN", "Infinity", 0])
        let wide = try await tool("runs", "export", "--format", "wide")
        #expect(wide.lines.count == 4, "\(wide.errors)")
        let header = wide.lines[0].split(separator: ",").map(String.init)
        #expect(header.contains("params.rate") && header.contains("metrics.loss.max"))
        #expect(header.last == "tags.host")
    }

    @Test func aFileIsMadeOnceAndNoneIsLeftBehind() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let first = try await tool("runs", "export", "--out", "all.jsonl", "--json")
        #expect(try first.json() == ["runs": 3, "points": .int(Fixture.points + 4 + 4 + 3)])
        // It holds what only members may read.
        let attributes = try FileManager.default.attributesOfItem(
            atPath: tool.directory.path + "/all.jsonl")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let again = try await tool("runs", "export", "--out", "all.jsonl")
        #expect(again.status == 73 && again.errors.contains("exists already"))
        let absent = try await tool("runs", "export", "nobody", "--out", "none.csv")
        #expect(absent.status == 1)
        #expect(!FileManager.default.fileExists(atPath: tool.directory.path + "/none.csv"))
        #expect(try await tool("runs", "export", "--json").status == 64)
    }
}
