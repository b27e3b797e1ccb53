import MLOpsCore
import Testing

@Suite struct SeedCommandTests {
    @Test func theSampleIsInsertedOnce() async throws {
        let tool = try Tool()
        let first = try await tool("seed", "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try first.json()["organization"] == "acme-ml")
        #expect(try first.json()["counts"]?.object?.count == 19)
        let second = try await tool("seed")
        #expect(second.status == 73)
        #expect(second.errors.hasPrefix("mlops: "))
        #expect(second.errors.contains("--if-missing"))
        let third = try await tool("seed", "--if-missing", "--json")
        #expect(try third.json()["counts"] == first.json()["counts"])
        #expect(try await tool("runs", "list").status == 0)
        #expect(try await tool("models", "list").status == 0)
    }
}
