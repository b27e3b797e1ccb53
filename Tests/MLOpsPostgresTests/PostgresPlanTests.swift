import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// With the policies of the application role, every call still uses an index.
///
/// Each table has 20,000 rows.
@Suite(.onServer) struct PostgresPlanTests {
    /// Copies each row of the fixtures 20,000 times, half of the copies into another organization.
    private func fill(_ server: TestServer, _ database: String, other: String) async throws {
        // Constraints are off, because the copies violate uniqueness. The plans depend only on the
        // sizes and the distribution of the keys.
        var script = "SET session_replication_role = replica;"
        for table in Schema.tables where table.name != "organizations" {
            let columns = table.columns.map { column -> String in
                switch column {
                case "id": return "gen_random_uuid()"
                case "organization_id":
                    return "CASE WHEN i % 2 = 0 THEN organization_id ELSE "
                        + "'\(other)'::uuid END"
                case "deleted_at", "deletion_id", "parent_run_id": return column
                case "email", "name", "slug", "version", "key_prefix", "key_hash", "fingerprint":
                    return "\(column) || i"
                case "user_id": return "md5('user_id' || i)::uuid"
                case "sequence", "number": return "\(column) + i"
                case let key where table.references.contains { $0.column == key }:
                    // Ten rows for each parent, so that the rows of a parent are few.
                    return "CASE WHEN \(key) IS NOT NULL THEN md5('\(key)' || i / 10)::uuid END"
                default: return column
                }
            }
            script += """
                INSERT INTO \(table.name) (\(table.columns.joined(separator: ", ")))
                SELECT \(columns.joined(separator: ", "))
                FROM (SELECT * FROM \(table.name) LIMIT 1) t, generate_series(1, 20000) i;
                """
        }
        try await server.run(script + "ANALYZE", in: database)
    }

    @Test func noCallReadsAWholeTable() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await server.store(database)
            let workspace = try await store.localWorkspace()
            let tree = try await Fixtures.insertTree(into: workspace)
            try await store.close()
            try await fill(server, database, other: UUID().uuidString)
            let organization = workspace.organizationID
            let principal = workspace.principal
            let scans = try await server.connected(server.url(database, as: "mlops_app")) {
                connection in
                let recorder = StatementRecorder(connection)
                try recorder.begin(.write, in: organization)
                defer { try? recorder.rollback() }
                let transaction = SQLTransaction(
                    recorder, access: Access(organizationID: organization, principal: principal),
                    kind: .write, now: .now, keys: StoreKeys())
                try transaction.authorize()
                #expect(try Self.scans(of: ["SELECT count(*) FROM models"], on: connection) != [])
                try Self.calls(transaction, tree)
                #expect(recorder.statements.count > 40)
                return try Self.scans(of: recorder.statements, on: connection)
            }
            #expect(scans == [])
        }
    }

    /// Calls of every kind: by key, parent, time, text and page, and writes.
    private static func calls(_ tx: SQLTransaction, _ tree: FixtureTree) throws {
        _ = try tx.users.find(tree.user.id)
        _ = try tx.memberships.membership(of: tree.user.id)
        _ = try tx.projects.withSlug(tree.project.slug)
        _ = try tx.projectMembers.members(of: tree.project.id)
        _ = try tx.models.named(tree.model.name, in: tree.project.id)
        _ = try tx.models.page(where: { $0.projectID == tree.project.id && $0.tags.contains("x") })
        _ = try tx.models.page(
            where: { $0.projectID == tree.project.id && $0.name.hasPrefix("Mod") })
        _ = try tx.models.page(where: { $0.projectID == tree.project.id && $0.name.like("%1") })
        _ = try tx.models.page(where: { $0.id.isIn([tree.model.id]) })
        _ = try tx.modelVersions.of(model: tree.model.id)
        _ = try tx.modelVersions.inStage(.production, of: tree.model.id)
        _ = try tx.modelVersions.lineage(of: tree.version.id)
        _ = try tx.experiments.of(project: tree.project.id)
        _ = try tx.runs.of(experiment: tree.experiment.id)
        _ = try tx.runs.children(of: tree.run.id)
        _ = try tx.runs.running()
        _ = try tx.runs.ranked(by: "accuracy", in: tree.experiment.id)
        _ = try tx.metrics.history(of: tree.run.id, metric: "accuracy")
        _ = try tx.metrics.names(of: tree.run.id)
        _ = try tx.metrics.last(of: tree.run.id, metric: "accuracy")
        _ = try tx.deployments.of(project: tree.project.id)
        _ = try tx.deployments.of(version: tree.version.id)
        _ = try tx.deployments.liveVersion(of: tree.deployment.id, at: .now)
        _ = try tx.driftReports.latest(of: tree.deployment.id)
        _ = try tx.alerts.of(deployment: tree.deployment.id)
        _ = try tx.apiKeys.withPrefix(tree.apiKey.keyPrefix)
        _ = try tx.notificationChannels.named(tree.channel.name)
        _ = try tx.notificationRules.of(channel: tree.channel.id)
        _ = try tx.auditLogs.of(resource: "model", id: "x")
        let run = try tx.runs.insert(
            ExperimentRun(experiment: tree.experiment.id, runName: "one more"))
        _ = try tx.runs.update(run)
        try tx.projects.delete(tree.project.id)
    }

    /// Statements that may read all rows of the organization in their index.
    ///
    /// They use the partial index of running runs, and the single row at the end of the trail.
    private static let readsTheOrganization = [
        "AND status = 'running' AND kind = 'run' ORDER BY id",
        "ORDER BY sequence DESC LIMIT 1",
    ]

    /// The statements whose plan reads a whole table of many rows, or all rows of an organization.
    private static func scans(
        of statements: [Fragment], on connection: PostgresConnection
    ) throws -> [String] {
        var scans: [String] = []
        for statement in statements {
            let text = try statement.text()
            guard !text.contains("SAVEPOINT") else { continue }
            for line in try connection.texts("EXPLAIN \(statement)") {
                let step = line[0] ?? ""
                // A condition on the organization alone reads all its rows.
                if step.contains(#/Index Cond: \(organization_id = [^ ]+\)$/#),
                    !readsTheOrganization.contains(where: text.contains)
                {
                    scans.append("\(step.trimmingCharacters(in: .whitespaces)): \(text)")
                }
                if step.contains("Seq Scan"), !step.contains("organizations") {
                    scans.append("\(step.trimmingCharacters(in: .whitespaces)): \(text)")
                }
            }
        }
        return scans
    }
}
