import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Start states of new rows, and historical rows.
    static let history: [Scenario] = [
        Scenario("Repository.insert: what only the store writes takes its start state") { context in
            let tree = try await context.tree()
            let made = madeUpRows(below: tree)
            let stored = try await context.write { tx in
                try MadeUpRows(
                    version: tx.modelVersions.insert(made.version),
                    deployment: tx.deployments.insert(made.deployment),
                    run: tx.runs.insert(contentsOf: [made.run])[0],
                    alert: tx.alerts.insert(made.alert),
                    key: tx.apiKeys.insert(made.key))
            }
            #expect(stored.version.stage == .development && stored.version.number == 2)
            #expect(stored.deployment.status == .pending)
            #expect(stored.deployment.deployedAt == nil && stored.deployment.terminatedAt == nil)
            #expect(stored.run.metrics.isEmpty && stored.run.artifacts.isEmpty)
            #expect(stored.run.heartbeatAt == nil && stored.run.status == made.run.status)
            #expect(stored.alert.status == .open && stored.alert.occurrences == 1)
            #expect(stored.alert.deliveries.isEmpty && stored.alert.resolvedBy == nil)
            #expect(stored.key.lastUsedAt == nil && stored.key.revokedAt == nil)
            var raised = made.alert
            (raised.id, raised.fingerprint) = (Identifier(), "raised")
            let alert = try await context.write { [raised] in try $0.alerts.raise(raised) }
            #expect(alert.status == .open && alert.deliveries.isEmpty && alert.occurrences == 1)
        },
        Scenario("Repository.insert: who did what the row tells of, and when, is the store's word")
        {
            context in
            let tree = try await context.tree()
            let other = try await context.insertMember(2)
            let own = context.workspace.principal.userID
            var entry = Fixtures.historyEntry(
                2, of: tree.deployment.id, version: tree.version.id)
            entry.performedBy = other.id
            var member = Fixtures.projectMember(2, of: other.id, in: tree.project.id)
            member.addedBy = other.id
            var model = Fixtures.model(2, in: tree.project.id)
            model.createdBy = other.id
            let stranger = try await context.insertUser(3)
            var invitation = Fixtures.membership(3, of: stranger.id)
            (invitation.invitedBy, invitation.joinedAt) = (other.id, nil)
            let joining = Fixtures.membership(4, of: try await context.insertUser(4).id)
            let stored = try await context.write { [entry, member, model, invitation] tx in
                (
                    entry: try tx.deploymentHistory.insert(entry),
                    member: try tx.projectMembers.insert(member),
                    model: try tx.models.insert(model),
                    invitation: try tx.memberships.insert(invitation),
                    joining: try tx.memberships.insert(joining)
                )
            }
            #expect(stored.entry.performedBy == own && stored.member.addedBy == own)
            #expect(stored.model.createdBy == own && stored.invitation.invitedBy == own)
            #expect(stored.entry.startedAt > Fixtures.date)
            #expect(stored.entry.status == .pending && stored.entry.completedAt == nil)
            #expect(stored.invitation.joinedAt == nil)
            #expect(stored.joining.joinedAt == stored.joining.createdAt)
            #expect(stored.entry.createdAt == stored.entry.startedAt)
            #expect(stored.model.createdAt == stored.entry.createdAt)
            #expect(stored.model.updatedAt == stored.model.createdAt)
        },
        Scenario("DeploymentRepository.complete claims nothing that was only planned") {
            context in
            let tree = try await context.tree()
            let id = tree.deployment.id
            let other = try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(2, of: tree.model.id)
            ).id
            let claims: [(Int, Identifier<ModelVersion>, DeploymentAction)] = [
                (2, other, .update), (3, other, .rollback), (4, tree.version.id, .terminate),
            ]
            for (number, version, action) in claims {
                let claim = try await context.workspace.deploymentHistory.insert(
                    Fixtures.historyEntry(number, of: id, version: version, action: action))
                await expectError(.conflict, "\(action)") {
                    try await context.write { try $0.deployments.complete(claim.id) }
                }
                try await context.write {
                    _ = try $0.deployments.fail(claim.id, error: nil)
                }
            }
            let live = try await context.read {
                try $0.deployments.liveVersion(of: id, at: .distantFuture)
            }
            #expect(live?.id == tree.version.id)
            await expectError(.conflict, "it has never served it") {
                try await context.write { _ = try $0.deployments.rollback(id, to: other) }
            }
        },
        Scenario("Repository.insert(history:) stores rows as they were") { context in
            let tree = try await context.tree()
            let made = madeUpRows(below: tree)
            #expect(try await context.history(made.deployment) == made.deployment)
            #expect(try await context.history(made.run) == made.run)
            #expect(try await context.history(made.alert) == made.alert)
            let organization = context.workspace.organizationID
            let author = try await context.insertMember(2).id
            let dates = (1...3).map { Fixtures.date.addingTimeInterval(Double($0)) }
            let stored = try await context.system { system in
                let tx = try system.scoped(to: organization, as: .user(tree.user.id))
                var version = Historical(
                    Fixtures.modelVersion(7, of: tree.model.id, createdAt: dates[0]))
                try version.set({ $0.stage }, to: .archived)
                try version.set({ $0.number }, to: 12)
                try version.set({ $0.createdBy }, to: author)
                try version.set({ $0.updatedAt }, to: dates[2])
                try version.set({ $0.revision }, to: 9)
                try version.set({ $0.deletedAt }, to: dates[2])
                try version.set({ $0.deletionID }, to: Identifier())
                version.set({ $0.modelSchema }, to: ["inputs": ["x": "float"]])
                try tx.modelVersions.insert(history: [version])
                return try tx.modelVersions.restore(version.record.id)
            }
            #expect(stored.stage == .archived && stored.number == 12)
            #expect(stored.createdBy == author)
            #expect(stored.createdAt == dates[0] && stored.revision == 10)
            #expect(stored.modelSchema == ["inputs": ["x": "float"]])
        },
        Scenario("Historical.json keeps every column of a project's rows") { context in
            let tree = try await context.tree()
            try await context.write { tx in
                let odd = [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 1e300]
                try tx.metrics.insert(
                    contentsOf: odd.enumerated().map { step, value in
                        RunMetric(
                            run: tree.run.id, metricName: "odd", value: value, step: Int64(step))
                    })
                try tx.runs.insert(Fixtures.run(7, of: tree.experiment.id, status: .running))
                var experiment = try tx.experiments.find(tree.experiment.id)
                (experiment.status, experiment.completedAt) = (.draft, nil)
                try tx.experiments.update(experiment)
                try tx.projects.delete(tree.project.id)
            }
            let before = try await context.read { try rowsOfProjects(in: $0) }
            try await context.write { _ = try $0.projects.purge(tree.project.id) }
            #expect(try await context.read { try rowsOfProjects(in: $0) }["experiment_runs"] == nil)
            let (organization, principal) = (context.workspace.organizationID, tree.user.id)
            try await context.system { system in
                let tx = try system.scoped(to: organization, as: .user(principal))
                for type in projectRecords { try putBack(type, before, in: tx) }
            }
            let after = try await context.read { try rowsOfProjects(in: $0) }
            #expect(after == before && before["run_metrics"]?.count == 7)
            let values = before["run_metrics"]?.compactMap { $0["value"] } ?? []
            #expect(values.contains("-0.0") && values.contains("NaN") && values.contains(1e300))
        },
        Scenario("Historical.json refuses what is no row") { context in
            let tree = try await context.tree()
            let json = try Historical(tree.run).json()
            #expect(json["organization_id"] == nil && json["status"] != nil)
            var members = try #require(json.object)
            let changes: [(String, JSONValue?)] = [
                ("id", nil), ("id", "text"), ("id", .null), ("status", "unknown"), ("tags", []),
                ("created_at", "2026"), ("created_at", .int(.max)), ("revision", 1.5),
                ("duration_seconds", "1"), ("stranger", 1),
            ]
            for (name, value) in changes {
                let old = members.updateValue(value ?? .null, forKey: name)
                if value == nil { members[name] = nil }
                #expect(throws: StoreError.self, "\(name)") {
                    _ = try Historical<ExperimentRun>(json: .object(members))
                }
                members[name] = old
            }
            members["logs"] = nil
            let older = try Historical<ExperimentRun>(json: .object(members)).record
            #expect(older.id == tree.run.id && older.logs == nil)
        },
        Scenario("ExperimentRunRepository.append(history:) changes points and summaries alone") {
            context in
            let tree = try await context.tree()
            let organization = context.workspace.organizationID
            let times = [-1e9, 0.000_001, 9e9].map(Date.init(timeIntervalSince1970:))
            var run = Fixtures.run(7, of: tree.experiment.id, status: .completed)
            run.parentRunID = tree.run.id
            let past = try await context.history(run)
            try await context.workspace.runs.delete(past.id)
            let deleted = try await context.read {
                try $0.runs.page(Query(where: { $0.id == past.id }, deleted: .only))[0]
            }
            let kept = Artifact(sha256: String(repeating: "a", count: 64), sizeBytes: 3)
            let stored = try await context.system { system in
                let tx = try system.scoped(to: organization, as: .user(tree.user.id))
                for (step, time) in times.enumerated() {
                    var batch = MetricBatch()
                    batch.add("loss", 1 / Double(step + 1), step: Int64(step), at: time)
                    try tx.runs.append(
                        history: batch, artifacts: step == 1 ? ["model": kept] : [:], to: past.id)
                }
                return try tx.runs.page(Query(where: { $0.id == past.id }, deleted: .only))[0]
            }
            #expect(
                stored.metrics == [
                    "loss": MetricSummary(last: 1 / 3.0, min: 1 / 3.0, max: 1, step: 2, count: 3)
                ])
            #expect(stored.artifacts == ["model": kept])
            var expected = deleted
            (expected.metrics, expected.artifacts) = (stored.metrics, stored.artifacts)
            #expect(stored == expected)
            try await context.workspace.runs.restore(past.id)
            let points = try await context.read {
                try $0.metrics.history(of: past.id, metric: "loss")
            }
            #expect(points.map(\.timestamp) == times)
            await expectError(.permissionDenied) {
                try await context.write {
                    try $0.runs.append(history: MetricBatch(), to: tree.run.id)
                }
            }
            await expectError(.notFound) {
                try await context.system {
                    try $0.runs.append(history: MetricBatch(), to: Identifier())
                }
            }
        },
        Scenario("Repository.insert(history:) leaves one entry for all rows of a call") { context in
            let tree = try await context.tree()
            try await context.history((2...40).map { Fixtures.run($0, of: tree.experiment.id) })
            let entries = try await context.workspace.auditLogs.all {
                $0.action == "experiment_run.create"
            }
            #expect(entries.count == 2)
            let batch = try #require(entries.first { $0.resourceID == nil })
            #expect(batch.details["count"] == 39)
            #expect(batch.details["experiment_id"] == [.string(tree.experiment.id.description)])
        },
        Scenario(
            "Repository.insert(history:) takes rows below deleted ones, and none below others'"
        ) {
            context in
            let tree = try await context.tree()
            let other = try await Fixtures.insertTree(into: context.otherWorkspace(), number: 2)
            try await context.workspace.runs.delete(tree.run.id)
            try await context.history(Fixtures.metric(9, of: tree.run.id))
            for run in [other.run.id, Identifier()] {
                await expectError(.notFound) {
                    try await context.history([
                        Fixtures.metric(10, of: tree.run.id), Fixtures.metric(11, of: run),
                    ])
                }
            }
            try await context.workspace.runs.restore(tree.run.id)
            let points = try await context.workspace.metrics.all { $0.runID == tree.run.id }
            #expect(points.count == 2)
        },
        Scenario("Repository.insert(history:) is for system access, and not for the audit trail") {
            context in
            let tree = try await context.tree()
            await expectError(.permissionDenied) {
                try await context.write {
                    try $0.models.insert(history: [
                        Historical(Fixtures.model(2, in: tree.project.id))
                    ])
                }
            }
            await expectError(.invalidValue) { try await context.history(Fixtures.auditLog(2)) }
            await expectError(.invalidValue, "of no organization") {
                try await context.system {
                    try $0.models.insert(history: [
                        Historical(Fixtures.model(2, in: tree.project.id))
                    ])
                }
            }
            var late = Historical(Fixtures.model(2, in: tree.project.id))
            #expect(throws: StoreError.self) {
                try late.set({ $0.updatedAt }, to: Date(timeIntervalSince1970: 1e15))
            }
        },
    ]

    /// The entities whose rows belong to projects, parents before children.
    private static var projectRecords: [any TableMapped.Type] {
        Schema.records.filter { $0.table.belongsToProjects }
    }

    /// The JSON of the rows of all projects, deleted ones included, by table.
    private static func rowsOfProjects(
        in tx: any Transaction
    ) throws -> [String: [JSONValue]] {
        func rows<Record: TableMapped>(_ type: Record.Type) throws -> [JSONValue] {
            try tx.repository(of: type).page(Query(limit: 100, deleted: .included))
                .map { try Historical($0).json() }
        }
        return try projectRecords.reduce(into: [:]) { found, type in
            let rows = try rows(type)
            if !rows.isEmpty { found[type.table.name] = rows }
        }
    }

    private static func putBack<Record: TableMapped>(
        _ type: Record.Type, _ rows: [String: [JSONValue]], in tx: any Transaction
    ) throws {
        try tx.repository(of: type).insert(
            history: (rows[Record.table.name] ?? []).map { try Historical(json: $0) })
    }

    private struct MadeUpRows: Sendable {
        var version: ModelVersion
        var deployment: Deployment
        var run: ExperimentRun
        var alert: Alert
        var key: APIKey
    }

    /// Rows with made-up values in the fields that only the store may set.
    private static func madeUpRows(below tree: FixtureTree) -> MadeUpRows {
        let date = Fixtures.date.addingTimeInterval(5)
        var made = MadeUpRows(
            version: Fixtures.modelVersion(2, of: tree.model.id),
            deployment: Fixtures.deployment(2, in: tree.project.id, version: tree.version.id),
            run: Fixtures.run(2, of: tree.experiment.id),
            alert: Fixtures.alert(2, deployment: tree.deployment.id),
            key: Fixtures.apiKey(2, of: tree.user.id))
        (made.version.stage, made.version.number) = (.production, 40)
        made.deployment.status = .terminated
        (made.deployment.deployedAt, made.deployment.terminatedAt) = (date, date)
        made.run.metrics = ["loss": MetricSummary(0.5, step: 7)]
        made.run.artifacts = ["model": Artifact(sha256: "0", sizeBytes: 1)]
        made.run.heartbeatAt = date
        (made.alert.status, made.alert.occurrences) = (.resolved, 4)
        (made.alert.resolvedBy, made.alert.resolvedAt) = (tree.user.id, date)
        made.alert.deliveries = [
            AlertDelivery(
                rule: tree.rule.id, channel: tree.channel.id, state: .delivered, attempts: 1,
                createdAt: date, endedAt: date)
        ]
        (made.key.lastUsedAt, made.key.revokedAt) = (date, date)
        made.deployment.organizationID = tree.organization.id
        made.run.organizationID = tree.organization.id
        made.alert.organizationID = tree.organization.id
        made.alert.projectID = tree.project.id
        (made.deployment.createdBy, made.run.createdBy) = (tree.user.id, tree.user.id)
        return made
    }
}
