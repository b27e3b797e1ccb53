import Foundation
import MLOpsCore
import Testing

@Suite struct KeysCommandTests {
    private static let peppers = [
        "MLOPS_PEPPERS": "p1=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    ]

    /// Opens the workspace of a key in a store with the same peppers.
    private func open(_ token: String, of tool: Tool) async throws -> Workspace {
        var configuration = SQLiteConfiguration()
        configuration.keys = StoreKeys(
            peppers: try KeyRing(
                parsing: try #require(Self.peppers["MLOPS_PEPPERS"]), name: "test"))
        let store = try await SQLiteStore.open(tool.database, configuration: configuration)
        return try await store.workspace(apiKey: Secret(token))
    }

    @Test func aKeyIsMadeAndOpensTheStore() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let made = try await tool(
            "keys", "create", "--name", "trainer", "--scope", "models=read", "--scope",
            "experiments=read,write", "--project", "digits", environment: Self.peppers)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.lines.count == 1)
        let token = try #require(made.lines.first)
        #expect(made.errors.contains("shown this once") && !made.errors.contains(token))
        let workspace = try await open(token, of: tool)
        #expect(try await workspace.models.find(fixture.model.id) == fixture.model)
        await #expect(throws: StoreError.self) { try await workspace.runs.count() }
        try await workspace.store.close()
        let listed = try await tool("keys", "list", "--json")
        let key = try #require(try listed.json()[0])
        #expect(token.hasPrefix(try #require(key["prefix"]?.string)))
        #expect(key["scopes"] == ["models": ["read"], "experiments": ["read", "write"]])
        #expect(key["projects"] == ["digits"] && key["status"] == "active")
        #expect(key["pepper"] == "p1")
        #expect(key["user"] == "local@localhost" && key["token"] == nil)
        let table = try await tool("keys", "list", environment: ["COLUMNS": "200"])
        #expect(table.output.contains("experiments=read,write models=read"))
        for result in [listed, table] {
            #expect(!result.output.contains(token) && !result.output.contains("p1:"))
        }
    }

    @Test func aKeyIsRotatedAndRevoked() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let old = try await tool(
            "keys", "create", "--name", "ci", "--scope", "*=*", "--expires-in", "never",
            "--environment", "test", "--json", environment: Self.peppers
        ).json()
        #expect(old["expires_at"] == nil)
        let prefix = try #require(old["prefix"]?.string)
        #expect(prefix.hasPrefix("mlops_test_"))
        let new = try await tool(
            "keys", "rotate", prefix, "--overlap", "1h", "--json", environment: Self.peppers)
        #expect(new.status == 0 && new.errors.contains("until it is revoked"))
        let tokens = [old["token"]?.string, try new.json()["token"]?.string].compactMap { $0 }
        for token in tokens { try await open(token, of: tool).store.close() }
        let revoked = try await tool("keys", "revoke", prefix)
        #expect(revoked.output == "revoked \(prefix)\n")
        await #expect(throws: StoreError.self) { try await open(tokens[0], of: tool) }
        try await open(tokens[1], of: tool).store.close()
        let again = try await tool("keys", "rotate", prefix, environment: Self.peppers)
        #expect(again.status == 73)
        let unknown = try await tool("keys", "revoke", tokens[1])
        #expect(unknown.status == 1 && !unknown.errors.contains(tokens[1]))
    }

    @Test func whatIsWrongIsRefused() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let bare = try await tool("keys", "create", "--name", "x", "--scope", "models=read")
        #expect(bare.status == 78 && bare.errors.contains("MLOPS_PEPPERS"))
        #expect(bare.output.isEmpty)
        let empty = try await tool(
            "keys", "list", environment: ["MLOPS_PEPPERS": "", "MLOPS_ENCRYPTION_KEYS_FILE": ""])
        #expect(empty.errors == "mlops: there are no API keys\n")
        for arguments in [
            ["--scope", "model=read"], ["--scope", "models=fly"], ["--scope", "models"],
            ["--scope", "models=read", "--expires-in", "soon"],
            ["--scope", "models=read", "--expires-in", "-1d"],
            ["--scope", "models=read", "--environment", "Live"], [],
        ] {
            let result = try await tool(
                ["keys", "create", "--name", "x"] + arguments, environment: Self.peppers)
            #expect(result.status == 64, "\(arguments)")
        }
        for (scope, names) in [
            ("projcts=read", ["projcts", "projects, ", "run_metrics"]),
            ("projects=raed", ["raed", "read, write, delete, purge"]),
            ("projects", ["models=read,write"]),
        ] {
            let result = try await tool("keys", "create", "--name", "x", "--scope", scope)
            #expect(result.status == 64)
            for name in names { #expect(result.errors.contains(name), "\(result.errors)") }
        }
        for arguments in [["--user", "nobody@example.com"], ["--project", "none"]] {
            let result = try await tool(
                ["keys", "create", "--name", "x", "--scope", "*=read"] + arguments,
                environment: Self.peppers)
            #expect(result.status == 1, "\(arguments)")
        }
        #expect(try await tool("keys", "list").status == 1)
    }
}
