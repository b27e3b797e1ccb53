import MLOpsCore
import Testing

@Suite struct PromotionCommandTests {
    /// A tool whose model has version 1.0.0 with an accuracy of 0.9 in production, and 2 with 0.95.
    private func prepared() async throws -> Tool {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            _ = try await workspace.modelVersions.insert(
                ModelVersion(
                    model: fixture.model.id, version: "2", performanceMetrics: ["accuracy": 0.95]))
        }
        return tool
    }

    @Test func aPolicyIsSetShownAndObeyed() async throws {
        let tool = try await prepared()
        let set = try await tool(
            "models", "policy", "digits-mlp", "--stage", "production", "--set",
            "--check", "accuracy >= 0.9", "--check", "accuracy >= production + 10% or none",
            "--check", "run:loss <= 0.5", "--evidence", "artifact", "--approvals", "1",
            "--archive-current")
        #expect(
            set.output == """
                production: accuracy >= 0.9; accuracy >= production + 10.0% or none; \
                run:loss.last <= 0.5; evidence artifact; 1 approval (maintainer, not the author); \
                archives what is there

                """, "\(set.errors)")
        let shown = try await tool("models", "policy", "digits-mlp", "--json").json()
        #expect(shown["production"]?["checks"]?[1]?["relative_change"]?.double == 0.1)
        let refused = try await tool("models", "promote", "digits-mlp", "2", "--to", "production")
        #expect(refused.status == 1 && refused.errors.isEmpty, "\(refused.errors)")
        #expect(refused.lines.last == "2 stays in development")
        #expect(refused.lines.count == 7 && refused.lines.allSatisfy { $0.count <= 80 })
        #expect(refused.lines[1].hasSuffix("passed") && refused.lines[2].hasSuffix("FAILED"))
        let kept = try await tool("models", "show", "digits-mlp", "--json").json()
        #expect(kept["versions"]?[0]?["promotion"]?["report"]?["checks"]?.array?.count == 5)

        let forced = try await tool(
            "models", "promote", "digits-mlp", "2", "--to", "production", "--override", "a trial",
            "--json")
        #expect(forced.status == 0, "\(forced.errors)")
        #expect(try forced.json()["report"]?["overriding"] == "a trial")
        let stages = try await tool("models", "show", "digits-mlp", "--json").json()
        let versions = stages["versions"]?.array?.compactMap { $0["stage"]?.string }
        #expect(versions == ["production", "archived"])
        let removed = try await tool(
            "models", "policy", "digits-mlp", "--stage", "production", "--remove")
        #expect(removed.output == "no stage has a policy\n")
    }

    @Test func theGatesCanBeAsked() async throws {
        let tool = try await prepared()
        _ = try await tool(
            "models", "policy", "--project", "digits", "--stage", "production", "--set", "--check",
            "accuracy >= production + 0")
        let asked = try await tool(
            "models", "promote", "digits-mlp", "2", "--to", "production", "--dry-run")
        #expect(asked.status == 0)
        #expect(asked.lines.last == "2 may enter production")
        let stage = try await tool("models", "show", "digits-mlp", "--json").json()
        #expect(stage["versions"]?[0]?["stage"] == "development")
        let free = try await tool(
            "models", "promote", "digits-mlp", "2", "--to", "staging", "--dry-run")
        #expect(free.lines == ["staging has no gates", "2 may enter staging"])
    }

    @Test func anApprovalInAShellIsTheOperators() async throws {
        let tool = try await prepared()
        _ = try await tool(
            "models", "policy", "digits-mlp", "--stage", "production", "--set", "--approvals", "1")
        let asked = try await tool(
            "models", "request", "digits-mlp", "2", "--to", "production", "--note", "better")
        #expect(asked.output == "asked to promote 2 to production\n", "\(asked.errors)")
        let rejected = try await tool(
            "models", "reject", "digits-mlp", "2", "--to", "production")
        #expect(rejected.output == "rejected 2 for production, as the operator\n")
        let approved = try await tool(
            "models", "approve", "digits-mlp", "2", "--to", "production", "--as",
            "local@localhost", "--json")
        let decision = try approved.json()["promotion"]?["decisions"]?[0]
        #expect(decision?["is_of_operator"] == true && decision?["approves"] == true)
        let promoted = try await tool("models", "promote", "digits-mlp", "2", "--to", "production")
        #expect(promoted.status == 0 && promoted.lines.last == "2 is in production")
        let trail = try await tool("audit", "list", "--json")
        #expect(trail.output.contains("an operator decides in a user's name"))
    }

    @Test func aWrongInputIsExplained() async throws {
        let tool = try await prepared()
        for check in [
            "accuracy", "accuracy > 0.9", "accuracy >= x", "run: <= 1", "a >= 1 or none",
        ] {
            let result = try await tool(
                "models", "policy", "digits-mlp", "--stage", "production", "--set", "--check",
                check)
            #expect(result.status == 64, "\(check)")
            #expect(result.errors.contains("accuracy >= production + 1% or none"), "\(check)")
        }
        let stage = try await tool("models", "promote", "digits-mlp", "2", "--to", "live")
        #expect(stage.status == 64 && stage.errors.contains("production"))
        let version = try await tool("models", "promote", "digits-mlp", "9", "--to", "staging")
        #expect(version.status == 1 && version.errors.contains("there are: 1.0.0, 2"))
        let nobody = try await tool(
            "models", "promote", "digits-mlp", "2", "--to", "staging", "--as", "x@example.com")
        #expect(nobody.status == 1 && nobody.errors.contains("there is no user x@example.com"))
        let few = try await tool(
            "models", "policy", "digits-mlp", "--stage", "production", "--set", "--approvals",
            "21")
        #expect(few.status == 64 && few.errors.contains("0 to 20 approvals"))
        for (arguments, message) in [
            (["--approver-role", "owner"], "go with --set"),
            (["--stage", "staging", "--set", "--approver-role", "owner"], "go with --approvals"),
            (["--stage", "staging", "--set", "--author-counts"], "go with --approvals"),
        ] {
            let result = try await tool(["models", "policy", "digits-mlp"] + arguments)
            #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
        }
    }

    @Test func whatCannotBeReadIsShownAndReplaced() async throws {
        let tool = try await prepared()
        try await tool.store { store in
            try await store.withSystemAccess(reason: "test") { access in
                try await access.write { tx in
                    let policies = JSONValue.object(["production": ["checks": 7], "prod": [:]])
                    try tx.engine.execute("UPDATE models SET promotion_policy = \(policies)")
                }
            }
        }
        #expect(try await tool("models", "list").status == 0)
        #expect(try await tool("models", "show", "digits-mlp").lines.count > 5)
        let shown = try await tool("models", "policy", "digits-mlp")
        #expect(shown.output.hasPrefix("production: cannot be read: nothing enters"))
        let refused = try await tool("models", "promote", "digits-mlp", "2", "--to", "production")
        #expect(refused.status == 65 && refused.errors.contains("for production of the model"))
        _ = try await tool(
            "models", "policy", "digits-mlp", "--stage", "production", "--set", "--check",
            "accuracy >= 0.9")
        let half = try await tool("models", "policy", "digits-mlp")
        #expect(half.lines.last?.contains("no known stage") == true, "\(half.output)")
        _ = try await tool("models", "policy", "digits-mlp", "--stage", "staging", "--remove")
        #expect(try await tool("models", "policy", "digits-mlp").lines.count == 1)
        let promoted = try await tool("models", "promote", "digits-mlp", "2", "--to", "production")
        #expect(promoted.status == 0, "\(promoted.errors)")
        // One that is there already still archives the others when it is asked to.
        let again = try await tool(
            "models", "promote", "digits-mlp", "2", "--to", "production", "--archive-current")
        #expect(again.status == 0 && again.output == "2 is in production\n")
        let stages = try await tool("models", "show", "digits-mlp", "--json").json()
        let versions = stages["versions"]?.array?.compactMap { $0["stage"]?.string }
        #expect(versions == ["production", "archived"])
    }
}
