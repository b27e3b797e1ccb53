import CSQLite
import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// No statement reads a whole table to answer for one tenant, project or run.
@Suite struct QueryPlanTests {
    /// The steps of the plans of what `body` runs that read a whole table.
    private func scans(_ body: (SQLTransaction) throws -> Void) throws -> [String] {
        let inner = try SQLiteConnection(
            path: ":memory:", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            configuration: SQLiteConfiguration(), interruption: Interruption())
        try inner.configure(SQLiteConfiguration())
        _ = try Migrator(inner, migrations: SQLiteConnection.migrations, now: .now).migrate()
        let recorder = StatementRecorder(inner)
        try recorder.begin(.write, in: nil)
        let system = SQLTransaction(recorder, access: .system, kind: .write, now: .now)
        let user = try system.users.insert(User(email: "a@b", firstName: "A", lastName: "B"))
        let organization = try system.organizations.insert(Organization(name: "O"))
        let transaction = SQLTransaction(
            recorder, access: Access(organizationID: organization.id, actor: .user(user.id)),
            kind: .write, now: .now)
        recorder.statements = []
        try body(transaction)
        #expect(!recorder.statements.isEmpty)
        let tables = Schema.tables.map(\.name)
        return try recorder.statements.flatMap { statement in
            let sql = try statement.text(placeholder: inner.dialect.placeholder)
            return inner.plan(of: sql).filter { step in
                let words = step.split(separator: " ")
                // A scan of a CTE or of json_each is no scan of a table.
                return words[0] == "SCAN" && tables.contains(String(words[1]))
            }.map { "\($0): \(sql)" }
        }
    }

    private func project(_ tx: SQLTransaction) throws -> Project {
        try tx.projects.insert(Project(name: "P"))
    }

    @Test func readingStaysInsideTheTenant() throws {
        let scans = try scans { tx in
            let project = try project(tx)
            let model = try tx.models.insert(Model(project: project.id, name: "m"))
            _ = try tx.models.page(where: { $0.projectID == project.id })
            _ = try tx.models.page(order: { [$0.createdAt.descending] })
            _ = try tx.models.count()
            _ = try tx.models.named("m", in: project.id)
            _ = try tx.modelVersions.of(model: model.id)
            _ = try tx.modelVersions.inStage(.production, of: model.id)
            _ = try tx.alerts.open()
            _ = try tx.memberships.members()
            _ = try tx.auditLogs.page()
            _ = try tx.projectMembers.members(of: project.id)
        }
        #expect(scans == [])
    }

    @Test func theMetricsOfOneRunAreFoundThroughTheirIndex() throws {
        let scans = try scans { tx in
            let project = try project(tx)
            let experiment = try tx.experiments.insert(
                Experiment(project: project.id, name: "e"))
            let run = try tx.runs.insert(ExperimentRun(experiment: experiment.id, runName: "r"))
            var batch = MetricBatch()
            for step in 0..<10 { batch.add("m", 1, step: Int64(step)) }
            try tx.runs.record(batch, in: run.id)
            _ = try tx.metrics.history(of: run.id, metric: "m")
            _ = try tx.metrics.buckets(of: run.id, metric: "m", count: 3)
            _ = try tx.metrics.names(of: run.id)
            _ = try tx.metrics.last(of: run.id, metric: "m")
            _ = try tx.runs.ranked(by: "m", in: experiment.id)
            _ = try tx.runs.of(experiment: experiment.id)
            _ = try tx.runs.all(where: { $0.status == .running })
        }
        #expect(scans == [])
    }

    @Test func deletionRestoreAndPurgeStayBelowTheRow() throws {
        let scans = try scans { tx in
            let project = try project(tx)
            let model = try tx.models.insert(Model(project: project.id, name: "m"))
            try tx.modelVersions.insert(ModelVersion(model: model.id, version: "1"))
            try tx.projects.delete(project.id)
            try tx.projects.restore(project.id)
            try tx.projects.delete(project.id)
            try tx.projects.purge(project.id)
        }
        #expect(scans == [])
    }
}
