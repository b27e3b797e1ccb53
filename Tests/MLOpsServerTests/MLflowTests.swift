import Foundation
import MLOpsCore
import Testing

/// What the interface of MLflow promises beyond what its own client shows.
@Suite struct MLflowTests {
    @Test func aRepeatedBatchIsStoredOnce() async throws {
        try await ServerFixture.run { server in
            let run = try await ClientFaultTests.run(on: server)
            let batch: JSONValue = [
                "run_id": .string(run.id),
                "metrics": [
                    ["key": "loss", "value": 0.5, "timestamp": 5, "step": 1],
                    ["key": "loss", "value": "NaN", "timestamp": 6, "step": 2],
                    ["key": "loss", "value": 0.25, "timestamp": 7, "step": 1],
                ],
                "params": [["key": "lr", "value": "0.1"]], "tags": [["key": "k", "value": "v"]],
            ]
            for _ in 0..<3 {
                #expect(try await server.mlflow("POST", "runs/log-batch", batch).status == 200)
            }
            let history = try await server.mlflow(
                "GET", "metrics/get-history?run_id=\(run.id)&metric_key=loss")
            #expect(history.json["metrics"]?.array?.count == 3, "\(history)")
            // All of it or nothing: the point that is wrong costs the parameter too.
            let refused = try await server.mlflow(
                "POST", "runs/log-batch",
                [
                    "run_id": .string(run.id), "params": [["key": "new", "value": "1"]],
                    "metrics": [["key": "loss", "value": "x", "timestamp": 8]],
                ])
            #expect(refused.status == 400)
            let shown = try await server.mlflow("GET", "runs/get?run_id=\(run.id)")
            #expect(shown.json["run"]?["data"]?["params"]?.array?.count == 1)
        }
    }

    @Test func manyClientsLogIntoOneRun() async throws {
        try await ServerFixture.run { server in
            let run = try await ClientFaultTests.run(on: server)
            try await withThrowingTaskGroup { group in
                for client in 0..<8 {
                    group.addTask {
                        for step in 0..<10 {
                            let answer = try await server.mlflow(
                                "POST", "runs/log-batch",
                                [
                                    "run_id": .string(run.id),
                                    "metrics": [
                                        [
                                            "key": .string("m\(client % 2)"),
                                            "value": .double(Double(client)), "timestamp": 1,
                                            "step": .int(Int64(step)),
                                        ]
                                    ],
                                    "tags": [["key": .string("c\(client)"), "value": "x"]],
                                ])
                            #expect(answer.status == 200, "\(answer)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let found = try #require(try await server.workspace.runs.all().first)
            #expect(found.metrics["m0"]?.count == 40 && found.metrics["m1"]?.count == 40)
            #expect(found.tags.keys.filter { $0.hasPrefix("c") }.count == 8)
        }
    }

    /// Another tenant's rows are absent, whatever is asked.
    @Test func otherTenantsAreAbsent() async throws {
        try await ServerFixture.run(keys: true) { server in
            let own = try await server.workspace.issueAPIKey(name: "own", permissions: .everything)
            let foreign = try await server.store.otherTenant()
            let other = try await foreign.issueAPIKey(name: "other", permissions: .everything)
            let (mine, theirs) = (own.token.reveal(), other.token.reveal())
            let experiment = try #require(
                try await server.mlflow("POST", "experiments/create", token: mine, ["name": "e"])
                    .json["experiment_id"]?.string)
            let run = try #require(
                try await server.mlflow(
                    "POST", "runs/create", token: mine, ["experiment_id": .string(experiment)]
                ).json["run"]?["info"]?["run_id"]?.string)
            let id = JSONValue.string(run)
            for (method, path, body) in [
                ("GET", "runs/get?run_id=\(run)", nil),
                ("POST", "runs/update", ["run_id": id, "status": "FAILED"]),
                ("POST", "runs/delete", ["run_id": id]),
                (
                    "POST", "runs/log-metric",
                    ["run_id": id, "key": "a", "value": 1, "timestamp": 1]
                ),
                ("POST", "runs/log-batch", ["run_id": id]),
                ("POST", "runs/set-tag", ["run_id": id, "key": "a", "value": "1"]),
                ("GET", "metrics/get-history?run_id=\(run)&metric_key=a", nil),
                ("GET", "artifacts/list?run_id=\(run)", nil),
                ("GET", "experiments/get?experiment_id=\(experiment)", nil),
                ("POST", "runs/create", ["experiment_id": .string(experiment)]),
                ("POST", "logged-models", ["experiment_id": .string(experiment), "name": "m"]),
            ] as [(String, String, JSONValue?)] {
                let answer = try await server.mlflow(method, path, token: theirs, body)
                #expect(answer.status == 404, "\(path): \(answer)")
            }
            let search = try await server.mlflow(
                "POST", "runs/search", token: theirs, ["experiment_ids": [.string(experiment)]])
            #expect(search.json == [:])
        }
    }

    @Test func aProjectOfThePathIsWorkedIn() async throws {
        try await ServerFixture.run { server in
            _ = try await server.workspace.projects.insert(Project(name: "Vision"))
            let made = try await server.ask(
                "POST", "/p/vision/api/2.0/mlflow/experiments/create",
                body: Data(#"{"name": "e"}"#.utf8))
            #expect(made.status == 200, "\(made.text)")
            let absent = try await server.ask(
                "POST", "/p/none/api/2.0/mlflow/experiments/create",
                body: Data(#"{"name": "e"}"#.utf8))
            #expect(absent.status == 404)
            let project = try #require(try await server.workspace.projects.withSlug("vision"))
            let found = try await server.workspace.experiments.all()
            #expect(found.map(\.projectID) == [project.id])
        }
    }
}

extension Store {
    /// A workspace of another organization.
    fileprivate func otherTenant() async throws -> Workspace {
        let (organization, user) = try await withSystemAccess(reason: "test") { access in
            try await access.write { tx in
                let user = try tx.users.insert(
                    User(email: "other@example.com", firstName: "O", lastName: "T"))
                let organization = try tx.organizations.insert(
                    Organization(name: "Other", slug: "other"))
                try tx.scoped(to: organization.id, as: .user(user.id)).memberships.insert(
                    OrganizationMembership(user: user.id, role: .owner, joinedAt: .now))
                return (organization.id, user.id)
            }
        }
        return try await workspace(organization: organization, as: .user(user))
    }
}
