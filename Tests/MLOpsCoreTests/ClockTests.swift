import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// With a configured clock, every time in every row comes from it.
@Suite struct ClockTests {
    private static let date = Date(timeIntervalSince1970: 1_000_000_000)

    @Test func everyTimeOfEveryRowIsTheClocks() async throws {
        var configuration = SQLiteConfiguration()
        configuration.clock = { Self.date }
        configuration.keys = Fixtures.keys
        configuration.auditedAccess = [.failedSignIns, .refusedKeys, .openedSecrets]
        let store = try await SQLiteStore.inMemory(configuration: configuration)
        let workspace = try await store.localWorkspace()
        try await use(workspace)
        let tables = try await store.withSystemAccess(reason: "test") { access in
            try await access.engine(writing: false) { tx in
                var times: [String: Set<Int64>] = [:]
                for table in Schema.tables {
                    for (column, kind) in zip(table.columns, table.kinds) where kind == .time {
                        let found = try tx.rows(
                            """
                            SELECT \(raw: column) FROM \(raw: table.name) \
                            WHERE \(raw: column) IS NOT NULL
                            """
                        ) { try $0.next(Date.self).microseconds ?? 0 }
                        times["\(table.name).\(column)"] = Set(found)
                    }
                }
                return times
            }
        }
        let now = try #require(Self.date.microseconds)
        let later: Set = ["api_keys.expires_at"]
        for (column, times) in tables where !later.contains(column) {
            #expect(times.isSubset(of: [now]), "\(column): \(times)")
        }
        let filled = tables.filter { !$0.value.isEmpty }.keys
        #expect(Set(filled.map { $0.split(separator: ".")[0] }).count >= 17, "\(filled.sorted())")
        try await store.close()
    }

    /// Makes rows of nearly every table, without giving any time.
    private func use(_ workspace: Workspace) async throws {
        try await workspace.withRun(project: "p", experiment: "e") { run in
            run.log("loss", 1, step: 1)
            try await run.withChild { $0.log("loss", 2, step: 1) }
        }
        let run = try #require(try await workspace.runs.first())
        try await workspace.resumeRun(run.id, fromStep: 5).finish()
        let invited = try await workspace.invite(email: "ada@example.com", role: .member)
        try await workspace.store.acceptInvitation(
            to: workspace.organizationID, as: invited.userID)
        _ = try await workspace.issueAPIKey(name: "key", permissions: .everything)
        try await workspace.write { tx in
            let project = try tx.projects.insert(Project(name: "Digits"))
            var batch = MetricBatch()
            batch.add("late", 1, step: 2)
            try tx.runs.append(batch, to: run.id)
            try tx.metrics.insert(RunMetric(run: run.id, metricName: "m", value: 1, step: 1))
            let experiment = try tx.experiments.insert(Experiment(project: project.id, name: "d"))
            try tx.runs.insert(
                ExperimentRun(experiment: experiment.id, runName: "r", status: .running))
            let model = try tx.models.insert(Model(project: project.id, name: "m"))
            let version = try tx.modelVersions.insert(ModelVersion(model: model.id, version: "1"))
            _ = try tx.modelVersions.promote(version.id, to: .production)
            let deployment = try tx.deployments.deploy(
                Deployment(
                    project: project.id, modelVersion: version.id, name: "d",
                    environment: .production))
            try tx.monitoring.insert(
                ModelMonitoring(deployment: deployment.id, metricName: "m", value: 1))
            let raised = try tx.alerts.raise(Alert(deployment: deployment.id, title: "a"))
            _ = try tx.alerts.raise(Alert(deployment: deployment.id, title: "a"))
            _ = try tx.alerts.acknowledge(raised.id)
            _ = try tx.alerts.resolve(raised.id)
            let channel = try tx.notificationChannels.insert(
                Fixtures.channel(1, config: ["token": "t"]))
            try tx.notificationRules.insert(Fixtures.rule(1, to: channel.id))
            try tx.notificationChannels.delete(channel.id)
        }
    }
}

extension Alert {
    fileprivate init(deployment: Identifier<Deployment>, title: String) {
        self.init(deployment: deployment, alertType: .custom, title: title)
    }
}
