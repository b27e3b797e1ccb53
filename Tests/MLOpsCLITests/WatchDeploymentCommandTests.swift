import MLOpsCore
import Testing

@Suite struct WatchDeploymentCommandTests {
    private func prepared() async throws -> Tool {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let made = try await tool(
            "deployments", "deploy", "api", "--model", "digits-mlp", "--version", "1.0.0",
            "--environment", "production")
        #expect(made.status == 0, "\(made.errors)")
        return tool
    }

    @Test func aPolicyIsSetShownAndRemoved() async throws {
        let tool = try await prepared()
        let none = try await tool("deployments", "watch", "api")
        #expect(none.output == "nothing is watched\n")
        let set = try await tool(
            "deployments", "watch", "api", "--metric", "latency_ms.p95", "--max", "200",
            "--severity", "high", "--failing", "3", "--window", "5", "--resolves-after", "5",
            "--silence", "10m", "--type", "high_latency")
        #expect(set.status == 0, "\(set.errors)")
        _ = try await tool("deployments", "watch", "api", "--metric", "score.mean", "--min", "-0.5")
        let drift = try await tool("deployments", "watch", "api", "--drift")
        #expect(drift.lines.count == 4 && drift.lines.allSatisfy { $0.count <= 80 })
        let words = drift.lines[1].split(separator: " ").map(String.init)
        #expect(words.starts(with: ["latency_ms.p95", "-", "200", "high", "3", "of", "5"]))
        let shown = try await tool("deployments", "watch", "api", "--json").json()
        let metric = shown["metrics"]?["latency_ms.p95"]
        #expect(metric?["maximum"] == 200 && metric?["silence_seconds"] == 600, "\(shown)")
        #expect(metric?["rule"]?["alert_type"] == "high_latency")
        #expect(metric?["rule"]?["resolves_after"] == 5)
        #expect(shown["drift"]?["alert_type"] == "data_drift" && shown["set_at"] != nil)
        let removed = try await tool(
            "deployments", "watch", "api", "--remove", "latency_ms.p95", "--no-drift")
        #expect(removed.lines.count == 2 && removed.lines[1].hasPrefix("score.mean"))
    }

    @Test func aWrongInputIsExplained() async throws {
        let tool = try await prepared()
        let command = ["deployments", "watch", "api"]
        for arguments in [
            ["--max", "1"], ["--metric", "a"], ["--failing", "2"], ["--no-drift", "--window", "2"],
            ["--metric", "a", "--max", "1", "--remove", "a"],
            ["--metric", "a", "--max", "1", "--failing", "2"],
            ["--metric", "a", "--max", "1", "--min", "2"],
        ] {
            #expect(try await tool(command + arguments).status == 64, "\(arguments)")
        }
        _ = try await tool(command + ["--metric", "a", "--max", "1"])
        let absent = try await tool(command + ["--remove", "b"])
        #expect(absent.status == 1)
        #expect(absent.errors == "mlops: the metric b is not watched; there are: a\n")
    }

    @Test func aPolicyThatCannotBeReadIsMadeAnew() async throws {
        let tool = try await prepared()
        try await tool.store { store in
            try await store.withSystemAccess(reason: "test") { access in
                try await access.write { tx in
                    let policy = JSONValue.object(["metrics": 7])
                    try tx.engine.execute("UPDATE deployments SET monitoring = \(policy)")
                }
            }
        }
        #expect(try await tool("deployments", "show", "api").status == 0)
        for more in [[], ["--metric", "x", "--max", "1"]] {
            let result = try await tool(["deployments", "watch", "api"] + more)
            #expect(result.status == 65 && result.errors.contains("--reset"), "\(result.errors)")
        }
        let anew = try await tool(
            "deployments", "watch", "api", "--reset", "--metric", "x", "--max", "1")
        #expect(anew.status == 0 && anew.lines.count == 2, "\(anew.errors)")
        #expect(
            try await tool("deployments", "watch", "api", "--reset").output
                == "nothing is watched\n")
    }
}
