import MLOpsCore
import Testing

extension Conformance {
    /// The audit entries of each change.
    static let auditWalk: [Scenario] = [
        Scenario("Audit: every method of every repository leaves what the table says") { context in
            let site = try await CallSite.stored(context)
            let found = try await context.write { tx in
                try Call.all.map { call in
                    let last = try tx.auditLogs.first(order: { [$0.sequence.descending] })
                    let entries = call.outcome(in: tx, at: site) { tx in
                        try tx.auditLogs.all(
                            where: { $0.sequence > (last?.sequence ?? 0) },
                            order: { [$0.sequence.ascending] })
                    }.found
                    return (call, lines: (entries ?? []).map(site.line))
                }
            }
            for (call, lines) in found {
                // An audit entry that is inserted directly has no entry about itself.
                if call.name.hasPrefix("AuditLogRepository.insert") { continue }
                #expect(lines == call.entries, "\(call.name)")
            }
        },
        Scenario("Audit: many rows at once are one entry, others one for each") { context in
            let tree = try await context.tree()
            let (run, deployment) = (tree.run.id, tree.deployment.id)
            let entries = try await context.entries {
                try $0.metrics.insert(contentsOf: (11...13).map { Fixtures.metric($0, of: run) })
                try $0.monitoring.insert(
                    contentsOf: (11...14).map { Fixtures.monitoring($0, of: deployment) })
                var batch = MetricBatch()
                for step in 1...5 { batch.add("loss", 1, step: Int64(step)) }
                try $0.runs.append(batch, to: run)
                try $0.runs.append(MetricBatch(), to: run)
                try $0.models.insert(
                    contentsOf: (11...12).map { Fixtures.model($0, in: tree.project.id) })
            }
            #expect(
                entries.map(\.action) == [
                    "run_metric.create", "model_monitoring.create", "run_metric.create",
                    "model.create", "model.create",
                ])
            #expect(entries.map { $0.details["count"]?.int } == [3, 4, 5, nil, nil])
            #expect(entries[0].details["run_id"] == [.string(run.description)])
            #expect(entries[1].details["deployment_id"] == [.string(deployment.description)])
            #expect(entries[0].resourceID == nil)
        },
        Scenario("Audit: what is not kept leaves no entry") { context in
            let tree = try await context.tree()
            let before = try await context.chainLength()
            await expectError(.alreadyExists) {
                try await context.workspace.projects.insert(tree.project)
            }
            await expectError(.database) {
                try await context.write { tx in
                    try tx.projects.insert(Fixtures.project(11))
                    throw StoreError(.database, "undone")
                }
            }
            await expectError(.conflict) {
                try await context.workspace.projects.restore(tree.project.id)
            }
            let reader = try await context.openMember(50, role: .viewer)
            let stale = try await context.chainLength()
            #expect(stale == before + 1)
            await expectError(.permissionDenied) { try await reader.models.update(tree.model) }
            #expect(try await context.chainLength() == stale)
            let entries = try await context.entries { tx in
                try tx.projects.insert(Fixtures.project(12))
                try? tx.savepoint {
                    try tx.projects.insert(Fixtures.project(13))
                    try tx.savepoint { _ = try tx.projects.insert(Fixtures.project(14)) }
                    throw StoreError(.database, "undone")
                }
                try tx.savepoint { _ = try tx.projects.insert(Fixtures.project(15)) }
            }
            let kept = [12, 15].map { Fixtures.id(Project.self, $0).description }
            #expect(entries.map(\.resourceID) == kept)
        },
        Scenario("Audit: secrets and personal data are not in the details") { context in
            var user = Fixtures.user(
                50, email: "marie@curie.example", firstName: "Marie", lastName: "Sklodowska")
            user.avatarURL = "https://example.com/portrait.png"
            user.settings = ["address": "Rue Cuvier"]
            let person = user
            try await context.system { tx in
                var stored = try tx.users.insert(person)
                stored.firstName = "Maria"
                try tx.users.update(stored)
            }
            try await context.workspace.memberships.insert(
                Fixtures.membership(50, of: person.id))
            _ = try await context.key(50, ["models": ["read"]], of: person.id)
            if context.backend.keys.encryption != nil {
                try await context.workspace.notificationChannels.insert(
                    Fixtures.channel(50, config: ["webhook_url": "https://hooks.example/T0"]))
            }
            let text = try await context.system { tx in
                try tx.auditLogs.all().map { try $0.details.canonicalText() }.joined()
            }
            for secret in [
                "curie", "Marie", "Maria", "Sklodowska", "portrait", "hash-of", "Cuvier", "hooks",
            ] {
                #expect(!text.contains(secret), "\(secret)")
            }
            let entries = try await context.system { tx in
                try tx.auditLogs.all(where: { $0.action == "user.update" })
            }
            #expect(
                entries.last?.details["changes"]?["first_name"]
                    == ["before": "[redacted]", "after": "[redacted]"])
        },
        Scenario("Audit: of a value over 1 KiB there is the hash") { context in
            let tree = try await context.tree()
            let entries = try await context.entries { tx in
                var model = tree.model
                model.description = String(repeating: "a", count: 1024)
                model = try tx.models.update(model)
                model.description = String(repeating: "a", count: 1025)
                try tx.models.update(model)
            }
            let changes = entries.map { $0.details["changes"]?["description"] }
            #expect(changes[0]?["after"]?.string?.count == 1024)
            #expect(changes[1]?["before"]?.string?.count == 1024)
            #expect(changes[1]?["after"]?["bytes"]?.int == 1025)
            #expect(changes[1]?["after"]?["sha256"]?.string?.count == 64)
        },
    ]
}

extension ConformanceContext {
    /// The entries that a transaction adds to the trail of the workspace's organization.
    func entries(
        _ body: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws -> [AuditLog] {
        let before = try await chainLength()
        try await write(body)
        return try await workspace.auditLogs.all(
            where: { $0.sequence > before }, order: { [$0.sequence.ascending] })
    }
}
