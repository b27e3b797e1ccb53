import Foundation
import MLOpsCore
import Testing

@Suite struct DeploymentsCommandTests {
    /// Deploys a version, updates to a second one, and rolls back.
    private func deploy(
        in tool: Tool, _ fixture: Fixture, to environment: DeploymentEnvironment = .production
    ) async throws -> Deployment {
        try await tool.store { store in
            try await store.localWorkspace().write { tx in
                let second = try tx.modelVersions.insert(
                    ModelVersion(
                        model: fixture.model.id, version: "1.1.0-\(environment.rawValue)"))
                let deployment = try tx.deployments.deploy(
                    Deployment(
                        project: fixture.project.id, modelVersion: fixture.version.id,
                        name: "digits", environment: environment, minInstances: 1,
                        maxInstances: 3, autoScaling: true),
                    reason: "the first")
                try tx.deployments.update(deployment.id, to: second.id, reason: "better")
                try tx.alerts.raise(
                    Alert(
                        deployment: deployment.id, alertType: .errorRate, severity: .high,
                        title: "errors", message: "many"))
                return try tx.deployments.rollback(deployment.id, reason: "worse")
            }
        }
    }

    @Test func theListTellsWhatIsLive() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        #expect(try await tool("deployments", "list").status == 1)
        let deployment = try await deploy(in: tool, fixture)
        let list = try await tool("deployments", "list", "--project", "digits", "--json").json()
        #expect(list.array?.count == 1)
        #expect(list[0]?["id"]?.string == deployment.id.description)
        #expect(list[0]?["project_slug"] == "digits" && list[0]?["live_model"] == "digits-mlp")
        #expect(list[0]?["live_version"]?["version"] == "1.0.0")
        #expect(list[0]?["open_alerts"] == 1)
        let table = try await tool("deployments", "list", environment: ["COLUMNS": ""])
        #expect(table.lines[1].contains("digits-mlp 1.0.0"))
        let other = try await tool("deployments", "list", "--project", "digit")
        #expect(other.errors == "mlops: there is no project digit; there are: digits\n")
    }

    @Test func showHasTheHistoryOldestFirst() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let deployment = try await deploy(in: tool, fixture)
        let id = deployment.id.description
        for name in ["digits", id, String(id.suffix(8))] {
            let json = try await tool("deployments", "show", name, "--json").json()
            #expect(json["deployment"]?["id"]?.string == id)
            let history = json["history"]?.array ?? []
            #expect(history.map { $0["action"] } == ["deploy", "update", "rollback"])
            #expect(history.last?["version"] == "1.0.0")
            #expect(history.last?["previous_version"] == "1.1.0-production")
        }
        let text = try await tool("deployments", "show", "digits", environment: ["COLUMNS": ""])
        #expect(text.lines.contains { $0.hasPrefix("instances") && $0.contains("1 to 3, scaling") })
        #expect(text.lines.contains { $0.hasPrefix("stage") && $0.hasSuffix("production") })
        #expect(text.lines.contains { $0.hasPrefix("open alerts") && $0.hasSuffix("1") })
        let update = try #require(text.lines.first { $0.contains("update") })
        #expect(update.contains("1.0.0 -> 1.1.0-production") && update.hasSuffix("better"))
    }

    @Test func aNameThatIsAbsentOrNotEnoughIsToldFromOthers() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let first = try await deploy(in: tool, fixture)
        let second = try await deploy(in: tool, fixture, to: .staging)
        let several = try await tool("deployments", "show", "digits")
        #expect(several.status == 64)
        for id in [first.id, second.id] { #expect(several.errors.contains(id.description)) }
        let absent = try await tool("deployments", "show", "letters")
        #expect(absent.status == 1)
        #expect(absent.errors == "mlops: there is no deployment letters; there are: digits\n")
    }

    @Test func projectsAreListedWithWhatTheyHold() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        _ = try await deploy(in: tool, fixture)
        let list = try await tool("projects", "list", "--json").json()
        #expect(list[0]?["slug"] == "digits" && list[0]?["name"] == "Digits")
        let counts = ["experiments", "models", "deployments"].map { list[0]?[$0] }
        #expect(counts == [1, 1, 1])
        #expect(try await tool("projects", "list").lines[1].contains("digits"))
    }

    /// At three in the morning, one line.
    @Test func aDeploymentIsChangedFromAShell() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        try await tool.store { store in
            let workspace = try await store.localWorkspace()
            for version in ["2", "3"] {
                _ = try await workspace.modelVersions.insert(
                    ModelVersion(model: fixture.model.id, version: version))
            }
        }
        let made = try await tool(
            "deployments", "deploy", "api", "--model", "digits-mlp", "--version", "1.0.0",
            "--environment", "production", "--demand", "production", "--max", "3")
        #expect(
            made.output == "deployed api: digits-mlp 1.0.0, active, 1 to 3 instances\n",
            "\(made.errors)")
        let steps: [([String], String)] = [
            (["update", "api", "2"], "updated api: digits-mlp 2, active, 1 to 3 instances"),
            (["update", "api", "3"], "updated api: digits-mlp 3, active, 1 to 3 instances"),
            (["rollback", "api"], "rolled back api: digits-mlp 2, active, 1 to 3 instances"),
            (
                ["scale", "api", "--min", "2", "--max", "8"],
                "scaled api: digits-mlp 2, active, 2 to 8 instances"
            ),
            (["mark", "api", "failed"], "marked api: digits-mlp 2, failed, 2 to 8 instances"),
            (
                ["begin", "api", "--update", "3"],
                "began api: digits-mlp 2, deploying, 2 to 8 instances"
            ),
            (
                ["fail", "api", "--error", "no quota"],
                "gave up a change of api: digits-mlp 2, failed, 2 to 8 instances"
            ),
            (
                ["rollback", "api", "--to", "1.0.0", "--begin"],
                "began api: digits-mlp 2, deploying, 2 to 8 instances"
            ),
            (["complete", "api"], "completed api: digits-mlp 1.0.0, active, 2 to 8 instances"),
            (["terminate", "api"], "terminated api: -, terminated, 2 to 8 instances"),
        ]
        for (command, answer) in steps {
            let result = try await tool(
                ["deployments"] + command
                    + ["--reason", "x"].filter { _ in
                        !["mark", "fail", "complete"].contains(command[0])
                    })
            #expect(result.output == answer + "\n", "\(command): \(result.errors)")
        }
        let history = try await tool("deployments", "show", "api", "--json").json()["history"]
        #expect(history?.array?.map { $0["status"] }.filter { $0 == "failed" }.count == 1)
        for (command, status) in [
            (["complete", "api"], 1), (["update", "api", "9"], 1),
            (["scale", "api", "--min", "3", "--max", "2"], 64), (["begin", "api"], 64),
            (["begin", "api", "--terminate", "--demand", "staging"], 64),
            (["update", "api", "2"], 73), (["mark", "api", "deploying"], 64),
        ] {
            #expect(try await tool(["deployments"] + command).status == status, "\(command)")
        }
    }

    @Test func aWrongInputIsExplained() async throws {
        let tool = try Tool()
        let fixture = try await Fixture(in: tool)
        let deploy = [
            "deploy", "api", "--model", "digits-mlp", "--version", "1.0.0", "--environment",
            "production",
        ]
        let viewer = try await tool.member("eve@example.com")
        for (command, status, text) in [
            (deploy + ["--min", "3", "--max", "1"], 64, "--max no less"),
            (deploy + ["--as", viewer], 1, "no"),
            (["show", "none"], 1, "there is no deployment none"),
        ] as [([String], Int32, String)] {
            let result = try await tool(["deployments"] + command)
            #expect(result.status == status && result.errors.contains(text), "\(result.errors)")
        }
        #expect(try await tool(["deployments"] + deploy).status == 0)
        let begun = try await tool(
            "deployments", "update", "api", "1.0.0", "--begin", "--demand", "production")
        #expect(begun.status == 0, "\(begun.errors)")
        _ = try await tool("models", "promote", "digits-mlp", "1.0.0", "--to", "archived")
        let ended = try await tool("deployments", "complete", "api")
        #expect(ended.status == 73 && ended.errors.contains("is in archived"), "\(ended.errors)")
        _ = try await tool("deployments", "fail", "api", "--error", "it was archived")
        let shown = try await tool("deployments", "show", "api", environment: ["COLUMNS": ""])
        #expect(shown.output.contains("demands production; error: it was archived"))
        let help = try await tool("deployments", "mark", "--help")
        #expect(help.output.contains("active, inactive, failed"), "\(help.output)")
        _ = fixture
    }
}
