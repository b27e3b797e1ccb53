import Foundation
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// No statement reads a whole table to answer a call for one tenant, project or run.
@Suite struct QueryPlanTests {
    private typealias Body = (SQLTransaction, CallSite) throws -> Void

    /// The plan steps of each body that read a whole table, or that `isBad` selects.
    private func scans(
        _ bodies: [(name: String, body: Body)],
        _ isBad: @escaping (String) -> Bool = Self.readsATable
    ) async throws -> [String] {
        let scratch = try Scratch()
        let engine = try await EngineSite(in: scratch)
        return try bodies.flatMap { (name, body) in
            let recorder = StatementRecorder(engine.connection)
            defer { try? recorder.rollback() }
            try body(try engine.begin(on: recorder), engine.site)
            return try recorder.statements.flatMap { statement in
                let sql = try statement.text()
                return engine.connection.plan(of: sql).filter(isBad)
                    .map { "\(name): \($0): \(sql)" }
            }
        }
    }

    /// Whether a step reads a whole table, under its name or an alias.
    ///
    /// Intermediate results do not count, such as the rows of a recursion or of a document.
    private static func readsATable(_ step: String) -> Bool {
        let words = step.split(separator: " ")
        guard words.count > 1, words[0] == "SCAN" else { return false }
        let made = ["below", "above", "names", "CONSTANT", "json_each", "SUBQUERY"]
        return !made.contains(String(words[1])) && !step.contains("VIRTUAL TABLE")
            && !words[1].hasPrefix("(")
    }

    @Test func aScanIsNoticed() async throws {
        let scans = try await scans([
            (
                "count", { tx, _ in _ = try tx.integer("SELECT count(*) FROM run_metrics m") }
            )
        ])
        #expect(scans.count == 1)
    }

    @Test func noCallReadsAWholeTable() async throws {
        let refusals = Mutex<[String: StoreError.Code]>([:])
        // These calls search all deployments for rows that still need rows of the organization.
        let exclusions = ["OrganizationRepository.delete", "OrganizationRepository.purgePreview"]
        let calls = Call.keyed.filter { !exclusions.contains($0.name) }
        let bodies: [(String, Body)] = calls.map { call in
            let body: Body = { tx, site in
                do {
                    _ = try call.body(tx, site)
                } catch let error as StoreError {
                    refusals.withLock { $0[call.name] = error.code }
                }
            }
            return (call.name, body)
        }
        let found = try await scans(bodies)
        #expect(found == [])
        // A refused call runs no further statements, so every refusal is listed with its reason.
        #expect(refusals.withLock { $0 } == Self.refused)
    }

    /// The calls that refuse the tree's own rows, after reading what they need to decide.
    private static let refused: [String: StoreError.Code] = [
        // The version is deployed.
        "ModelRepository.delete": .foreignKeyViolation,
        "ModelVersionRepository.delete": .foreignKeyViolation,
        // The deployment has had one version.
        "DeploymentRepository.rollback": .conflict,
        "DeploymentRepository.rollback to a version": .conflict,
        // The organization is live; organizations and limits are made under system access.
        "OrganizationRepository.restore": .conflict,
        "OrganizationRepository.purge": .conflict,
        "OrganizationRepository.insert": .permissionDenied,
        "OrganizationRepository.insert(contentsOf:)": .permissionDenied,
        "OrganizationRepository.update of a limit": .permissionDenied,
        // Users are changed under system access.
        "UserRepository.insert": .permissionDenied,
        "UserRepository.insert(contentsOf:)": .permissionDenied,
        "UserRepository.update": .permissionDenied,
        "UserRepository.delete": .permissionDenied,
        "UserRepository.restore": .permissionDenied,
        "UserRepository.purgePreview": .permissionDenied,
        "UserRepository.purge": .permissionDenied,
        "UserRepository.deactivate": .permissionDenied,
        "UserRepository.activate": .permissionDenied,
        "UserRepository.erase": .permissionDenied,
        // The user is the last owner.
        "OrganizationMembershipRepository.changeRole": .conflict,
        "OrganizationMembershipRepository.delete of an owner": .conflict,
    ]

    @Test func noListOfATenantReadsAWholeTable() async throws {
        let lists: Body = { tx, _ in
            for record in Schema.records where record != Organization.self {
                try Self.list(Self.stored(record), tx)
            }
            _ = try tx.models.page(order: { [$0.createdAt.descending] })
            _ = try tx.runs.all(where: { $0.status == .running })
            let run = try #require(try tx.runs.first())
            _ = try tx.runs.logged.resume(run.id, fromStep: nil, environment: [:])
            _ = try tx.runs.end(run.id, as: .failed, error: nil)
            _ = try tx.alerts.open()
            _ = try tx.alerts.unresolved()
            _ = try tx.memberships.members()
            _ = try tx.auditLogs.verifyChain()
        }
        #expect(try await scans([("lists", lists)]) == [])
    }

    private static func stored(_ type: any TableMapped.Type) throws -> any StoredEntity.Type {
        try #require(type as? any StoredEntity.Type)
    }

    private static func list<Record: StoredEntity>(
        _ type: Record.Type, _ tx: SQLTransaction
    ) throws {
        let repository = SQLRepository<Record>(tx)
        let record = try #require(try repository.page(Query()).first)
        _ = try repository.find(record.id)
        _ = try repository.count(Query())
        _ = try repository.page(Query(deleted: .included))
        try repository.forEach(Query()) { _ in true }
    }

    /// Pages in the default order are read from an index, also those of each parent.
    ///
    /// Only rows that are equal in all columns of the index are sorted among themselves.
    @Test func noPageOfAParentIsSorted() async throws {
        let pages: Body = { tx, _ in
            for record in Schema.records where record != Organization.self && record != User.self {
                try Self.page(Self.stored(record), tx)
            }
        }
        let found = try await scans([("pages", pages)]) {
            Self.readsATable($0) || $0 == "USE TEMP B-TREE FOR ORDER BY"
        }
        #expect(found == [])
    }

    private static func page<Record: StoredEntity>(
        _ type: Record.Type, _ tx: SQLTransaction
    ) throws {
        let repository = SQLRepository<Record>(tx)
        let record = try #require(try repository.page(Query()).first)
        let values = try record.storedValues()
        let cursor = try repository.keyset().cursor(after: record)
        var filters: [Filter<Record>?] = [nil]
        for reference in Record.table.references where !reference.isUser {
            let position = try #require(Record.table.columns.firstIndex(of: reference.column))
            filters.append(
                Filter(
                    condition: .compare(
                        column: reference.column, .equal, .success(values[position]))))
        }
        for filter in filters {
            for cursor in [nil, cursor] {
                var query = Query<Record>(after: cursor)
                query.filter = filter
                _ = try repository.page(query)
                try repository.forEach(query) { _ in true }
            }
        }
    }

    @Test func onlyRunningRunsAreReadForTheAbandoned() async throws {
        let others = try await scans([("running", { tx, _ in _ = try tx.runs.running() })]) {
            $0.contains("experiment_runs")
                && $0 != "SEARCH experiment_runs USING INDEX idx_experiment_runs_running "
                    + "(organization_id=?)"
        }
        #expect(others == [])
    }

    @Test func theTrailOfOneResourceIsFoundByIt() async throws {
        let found = try await scans([
            ("of", { tx, _ in _ = try tx.auditLogs.of(resource: "model", id: "1") })
        ]) { $0.contains("audit_logs") || $0.contains("ORDER BY") }
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.contains("(organization_id=? AND resource_id=?)") })
    }

    @Test func deletionRestoreAndPurgeStayBelowTheRow() async throws {
        let deletions: Body = { tx, tree in
            let project = try tx.projects.insert(Project(name: "P"))
            let model = try tx.models.insert(Model(project: project.id, name: "m"))
            try tx.modelVersions.insert(ModelVersion(model: model.id, version: "1"))
            for id in [project.id, tree.project.id] {
                try tx.projects.delete(id)
                try tx.projects.restore(id)
                try tx.projects.delete(id)
                try tx.projects.purge(id)
            }
        }
        #expect(try await scans([("deletions", deletions)]) == [])
    }
}
