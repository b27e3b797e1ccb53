import MLOpsCore
import Testing

extension Conformance {
    /// The actors that the audit trail names, and the independence of its chains.
    static let auditActors: [Scenario] = [
        Scenario("Audit: the origin of a request and the key are kept") { context in
            let key = try await context.key(1, ["*": ["*"]])
            let program = try await context.open(key)
                .serving(
                    RequestOrigin(
                        ipAddress: "192.0.2.9", userAgent: "curl/8", requestID: "request 7"))
            try await program.projects.insert(Fixtures.project(1))
            try await context.workspace.projects.insert(Fixtures.project(2))
            let entries = try await context.workspace.auditLogs.all(
                where: { $0.action == "project.create" }, order: { [$0.sequence.ascending] })
            #expect(entries.map(\.ipAddress) == ["192.0.2.9", nil])
            #expect(entries.map(\.userAgent) == ["curl/8", nil])
            #expect(entries.map { $0.details["request_id"] } == ["request 7", nil])
            #expect(entries.map(\.apiKeyID) == [key.id, nil])
            #expect(entries.allSatisfy { $0.userID == key.userID })
        },
        Scenario("Audit: system access gives its reason, in the organization it touches") {
            context in
            let before = try await context.chainLength()
            let (id, user) = (context.workspace.organizationID, try await context.insertUser(50))
            try await context.store.withSystemAccess(reason: "a new plan") { system in
                try await system.write { tx in
                    var organization = try tx.organizations.find(id)
                    organization.subscriptionPlan = .enterprise
                    try tx.organizations.update(organization)
                    try tx.users.delete(user.id)
                }
            }
            let entries = try await context.workspace.auditLogs.all(
                where: { $0.sequence > before }, order: { [$0.sequence.ascending] })
            #expect(entries.map(\.action) == ["organization.update"])
            #expect(entries.first?.details["reason"] == "a new plan")
            #expect(entries.first?.userID == nil)
            #expect(
                entries.first?.details["changes"]?["subscription_plan"]?["after"] == "enterprise")
            let system = try await context.system { tx in
                try tx.auditLogs.all(where: { $0.action == "user.delete" })
            }
            #expect(system.map(\.organizationID) == [nil])
            #expect(system.map { $0.details["reason"] } == ["a new plan"])
        },
        Scenario("Audit: 32 writers at once leave two chains without a gap") { context in
            let other = try await context.otherWorkspace(60)
            let workspaces = [context.workspace, other]
            let start = try await workspaces.asyncMap { workspace in
                try await workspace.read { try $0.auditLogs.verifyChain().count }
            }
            try await withThrowingTaskGroup { group in
                for number in 1...32 {
                    group.addTask {
                        let workspace = workspaces[number % 2]
                        try await workspace.projects.insert(Fixtures.project(number))
                        try await workspace.write { tx in
                            try tx.projects.delete(Fixtures.id(Project.self, number))
                            try tx.projects.restore(Fixtures.id(Project.self, number))
                        }
                    }
                }
                try await group.waitForAll()
            }
            for (workspace, count) in zip(workspaces, start) {
                let report = try await workspace.read { try $0.auditLogs.verifyChain() }
                #expect(report.isIntact && report.count == count + 48)
                let actions = try await workspace.auditLogs.all(where: { $0.sequence > count })
                #expect(actions.filter { $0.action == "project.restore" }.count == 16)
                #expect(actions.allSatisfy { $0.organizationID == workspace.organizationID })
            }
            let system = try await context.system { try $0.auditLogs.verifyChain() }
            #expect(system.isIntact)
        },
        Scenario("Audit: localWorkspace makes three rows once") { context in
            let organization = context.workspace.organizationID
            _ = try await context.store.localWorkspace()
            let entries = try await context.system { tx in
                try tx.auditLogs.all(order: { [$0.sequence.ascending] })
            }
            let own = entries.filter { $0.organizationID == organization }
            #expect(own.map(\.action) == ["organization.create", "organization_membership.create"])
            let system = entries.filter { $0.organizationID == nil }
            #expect(system.map(\.action) == ["user.create"])
            #expect(
                (own.prefix(1) + system).allSatisfy {
                    $0.details["reason"] == "the local workspace"
                })
        },
        Scenario("Audit: what a run logs leaves an entry for each step") { context in
            let before = try await context.chainLength()
            var options = TrackingOptions()
            (options.flushInterval, options.heartbeatInterval) = (.seconds(3600), .seconds(3600))
            let run = try await context.workspace.startRun(
                project: "Digits", experiment: "mlp", options: options)
            run.log("loss", 0.5, step: 1)
            run.log("loss", 0.4, step: 2)
            try await run.flush()
            try await run.setTags(["kind": "fixture"])
            try await run.withChild { child in
                child.log("loss", 0.1, step: 1)
                try await child.flush()
            }
            try await run.finish()
            let again = try await context.workspace.resumeRun(run.id, options: options)
            try await again.cancel()
            let entries = try await context.workspace.auditLogs.all(
                where: { $0.sequence > before }, order: { [$0.sequence.ascending] })
            #expect(
                entries.map(\.action) == [
                    "project.create", "experiment.create", "experiment_run.create",
                    "run_metric.create", "experiment_run.update", "experiment_run.create",
                    "run_metric.create", "experiment_run.end", "experiment_run.end",
                    "experiment_run.resume", "experiment_run.end",
                ])
            let ended = entries.filter { $0.action == "experiment_run.end" }
            #expect(
                ended.map { $0.details["changes"]?["status"]?["after"] } == [
                    "completed", "completed", "cancelled",
                ])
            let metrics = entries.filter { $0.action == "run_metric.create" }
            #expect(metrics.map { $0.details["count"]?.int } == [2, 1])
        },
    ]
}
