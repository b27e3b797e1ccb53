import MLOpsCore
import Testing

@testable import mlops

@Suite struct SeedCommandTests {
    @Test func theSampleIsInsertedOnce() async throws {
        let tool = try Tool()
        let first = try await tool("seed", "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try first.json()["organization"] == "acme-ml")
        #expect(try first.json()["counts"]?.object?.count == Schema.tables.count)
        let second = try await tool("seed")
        #expect(second.status == 73)
        #expect(second.errors.hasPrefix("mlops: "))
        #expect(second.errors.contains("--if-missing"))
        let third = try await tool("seed", "--if-missing", "--json")
        #expect(try third.json()["counts"] == first.json()["counts"])
        #expect(try await tool("runs", "list").status == 0)
        #expect(try await tool("models", "list").status == 0)
    }

    @Test func everyTableOfTheSampleFits() async throws {
        let tool = try Tool()
        let width = 40
        let narrow = ["COLUMNS": String(width)]
        let seeded = try await tool("seed", environment: narrow)
        let runs = try await tool("runs", "list", "--json").json().array ?? []
        let ids = runs.prefix(12).compactMap { $0["id"]?.string }
        let models = try await tool("models", "list", "--json").json()
        let model = try #require(models[0]?["id"]?.string)
        let deployments = try await tool("deployments", "list", "--json").json()
        let deployment = try #require(deployments[0]?["id"]?.string)
        var results = [seeded]
        for arguments in [
            ["projects", "list"], ["runs", "list"], ["runs", "show", ids[0]],
            ["runs", "compare"] + ids, ["models", "list"], ["models", "show", model],
            ["deployments", "list"], ["deployments", "show", deployment], ["users", "list"],
            ["keys", "list"], ["db", "status"], ["purge", "--dry-run"],
        ] {
            results.append(try await tool(arguments, environment: narrow))
        }
        for result in results {
            #expect(!result.output.isEmpty, "\(result.errors)")
            for line in result.lines { #expect(line.displayWidth <= width, "\(line)") }
        }
    }
}
