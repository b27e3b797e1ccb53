import Foundation
import MLOpsCore
import Testing

@Suite struct RegistryCommandTests {
    /// A tool whose run `second` has the artifact `weights`.
    private func prepared() async throws -> Tool {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        try Data("weights".utf8).write(to: tool.directory.appending(path: "w.bin"))
        let put = try await tool(
            "artifacts", "put", "second", tool.directory.appending(path: "w.bin").path, "--name",
            "weights")
        #expect(put.status == 0, "\(put.errors)")
        return tool
    }

    @Test func anArtifactBecomesAVersionAndComesBack() async throws {
        let tool = try await prepared()
        let made = try await tool(
            "models", "register", "digits-mlp", "second", "weights", "--alias", "champion",
            "--alias", "trial", "--description", "the second")
        #expect(made.output == "digits-mlp 1.0.1 is registered, champion, trial\n", "\(made)")
        let shown = try await tool("models", "show", "digits-mlp", "--json").json()
        #expect(shown["versions"]?[0]?["model_size_bytes"]?.int == 7)
        #expect(shown["versions"]?[0]?["description"] == "the second")

        let file = tool.directory.appending(path: "copy.bin")
        let loaded = try await tool(
            "models", "load", "digits-mlp", "--alias", "trial", "--to", file.path)
        #expect(loaded.output == "\(file.path), digits-mlp 1.0.1\n", "\(loaded)")
        #expect(try Data(contentsOf: file) == Data("weights".utf8))
        let again = try await tool(
            "models", "load", "digits-mlp", "--version", "1.0.1", "--to", file.path)
        #expect(again.status == 73 && again.errors.contains("exists"), "\(again)")
        let stage = try await tool("models", "load", "digits-mlp", "--stage", "production")
        #expect(stage.status == 1 && stage.errors.contains("SHA-256"), "\(stage)")
    }

    @Test func aNewModelIsMadeAndNothingByHalves() async throws {
        let tool = try await prepared()
        let refused = try await tool(
            "models", "register", "other", "second", "weights", "--alias", "v3")
        #expect(refused.status != 0 && refused.errors.contains("v3"), "\(refused)")
        let absent = try await tool("models", "show", "other")
        #expect(absent.status == 1, "\(absent)")
        let made = try await tool("models", "register", "other", "second", "weights", "--json")
        #expect(try made.json()["version"] == "1", "\(made)")
        let nothing = try await tool("models", "register", "other", "second", "weight")
        #expect(nothing.status == 1 && nothing.errors.contains("weights"), "\(nothing)")
    }

    @Test func oneWayToAVersionIsNamed() async throws {
        let tool = try await prepared()
        for wrong in [[], ["--alias", "a", "--version", "1"]] {
            let result = try await tool(["models", "load", "digits-mlp"] + wrong)
            #expect(result.status == 64 && result.errors.contains("--stage"), "\(result)")
        }
        let none = try await tool("models", "load", "digits-mlp", "--alias", "champion")
        #expect(none.status == 1 && none.errors.contains("champion"), "\(none)")
    }
}
