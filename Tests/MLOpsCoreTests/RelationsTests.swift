import Foundation
import MLOpsSampleData
import Testing

@testable import MLOpsCore

@Suite struct RelationsTests {
    @Test func everyForeignKeyIsWalkedBothWays() async throws {
        let summary = try await SampleData.insert(into: SQLiteStore.inMemory())
        let walked = try await summary.workspace.read { tx in
            let walk = Walk(tx: tx)
            try walk.identity()
            try walk.registryAndExperiments()
            try walk.deployments()
            try walk.monitoring()
            try walk.ownership()
            return walk.names
        }
        let keys = try await foreignKeys(of: summary.workspace)
        #expect(keys.count > 40)
        #expect(keys.subtracting(walked).sorted() == [])
        #expect(walked.subtracting(keys).sorted() == [])
    }

    private func foreignKeys(of workspace: Workspace) async throws -> Set<String> {
        let names: [String] = try await workspace.read { tx in
            let transaction = try #require(tx as? SQLTransaction)
            return try transaction.rows(
                """
                SELECT t.name || '.' || k."from" FROM sqlite_schema t, \
                pragma_foreign_key_list(t.name) k WHERE t.type = 'table'
                """
            ) { try $0.next(String.self) }
        }
        return Set(names)
    }
}

/// Follows relations from a row to its parent and back; collects the relations' names.
private final class Walk {
    let tx: any Transaction
    private(set) var names: Set<String> = []

    init(tx: any Transaction) { self.tx = tx }

    private func check<Child: TableMapped, Parent: Entity>(
        _ column: String, up: (Child) throws -> Parent?,
        down: @escaping (Child.Columns, Identifier<Parent>) -> Filter<Child>
    ) throws {
        let name = "\(Child.table.name).\(column)"
        names.insert(name)
        let children = try tx.repository(of: Child.self).page(Query(limit: 1000))
        var isFound = false
        for child in children {
            guard let parent = try up(child) else { continue }
            let below = try tx.repository(of: Child.self).page(
                where: { down($0, parent.id) && $0.id == child.id })
            #expect(below.map(\.id) == [child.id], "\(name)")
            isFound = true
            break
        }
        #expect(isFound, "No row of the sample has \(name).")
    }

    func identity() throws {
        try check("user_id", up: tx.user(of:) as (OrganizationMembership) throws -> User) {
            $0.userID == $1
        }
        try check("invited_by", up: tx.inviter(of:)) { $0.invitedBy == $1 }
        try check("created_by", up: { (user: User) in try tx.creator(of: user) }) {
            $0.createdBy == $1
        }
        try check("created_by", up: { (made: Organization) in try tx.creator(of: made) }) {
            $0.createdBy == $1
        }
        try check("user_id", up: tx.user(of:) as (APIKey) throws -> User) { $0.userID == $1 }
        try check("issuer_key_id", up: tx.issuer(of:)) { $0.issuerKeyID == $1 }
        try check("project_id", up: tx.project(of:) as (ProjectMember) throws -> Project) {
            $0.projectID == $1
        }
        try check("user_id", up: tx.user(of:) as (ProjectMember) throws -> User) { $0.userID == $1 }
        try check("added_by", up: tx.adder(of:)) { $0.addedBy == $1 }
    }

    func registryAndExperiments() throws {
        try check("project_id", up: tx.project(of:) as (Model) throws -> Project) {
            $0.projectID == $1
        }
        try check("model_id", up: tx.model(of:) as (ModelVersion) throws -> Model) {
            $0.modelID == $1
        }
        try check("source_run_id", up: tx.sourceRun(of:)) { $0.sourceRunID == $1 }
        try check("project_id", up: tx.project(of:) as (Experiment) throws -> Project) {
            $0.projectID == $1
        }
        try check("model_id", up: tx.model(of:) as (Experiment) throws -> Model?) {
            $0.modelID == $1
        }
        try check("experiment_id", up: tx.experiment(of:)) { $0.experimentID == $1 }
        try check("parent_run_id", up: tx.parent(of:)) { $0.parentRunID == $1 }
        try check("run_id", up: tx.run(of:)) { $0.runID == $1 }
    }

    func deployments() throws {
        typealias Entry = DeploymentHistoryEntry
        try check("project_id", up: tx.project(of:) as (Deployment) throws -> Project) {
            $0.projectID == $1
        }
        try check(
            "model_version_id", up: tx.modelVersion(of:) as (Deployment) throws -> ModelVersion
        ) { $0.modelVersionID == $1 }
        try check("deployment_id", up: tx.deployment(of:) as (Entry) throws -> Deployment) {
            $0.deploymentID == $1
        }
        try check("model_version_id", up: tx.modelVersion(of:) as (Entry) throws -> ModelVersion) {
            $0.modelVersionID == $1
        }
        try check("previous_model_version_id", up: tx.previousModelVersion(of:)) {
            $0.previousModelVersionID == $1
        }
        try check("performed_by", up: tx.performer(of:)) { $0.performedBy == $1 }
    }

    func monitoring() throws {
        typealias Rule = NotificationRule
        try check("deployment_id", up: tx.deployment(of:) as (ModelMonitoring) throws -> Deployment)
        { $0.deploymentID == $1 }
        try check("deployment_id", up: tx.deployment(of:) as (DataDriftReport) throws -> Deployment)
        { $0.deploymentID == $1 }
        try check("project_id", up: tx.project(of:) as (Alert) throws -> Project?) {
            $0.projectID == $1
        }
        try check("deployment_id", up: tx.deployment(of:) as (Alert) throws -> Deployment?) {
            $0.deploymentID == $1
        }
        try check("raised_by", up: tx.raiser(of:)) { $0.raisedBy == $1 }
        try check("acknowledged_by", up: tx.acknowledger(of:)) { $0.acknowledgedBy == $1 }
        try check("resolved_by", up: tx.resolver(of:)) { $0.resolvedBy == $1 }
        try check("notification_channel_id", up: tx.channel(of:)) { $0.channelID == $1 }
        try check("project_id", up: tx.project(of:) as (Rule) throws -> Project?) {
            $0.projectID == $1
        }
        try check("deployment_id", up: tx.deployment(of:) as (Rule) throws -> Deployment?) {
            $0.deploymentID == $1
        }
    }

    func ownership() throws {
        try authored(Project.self)
        try authored(Model.self)
        try authored(ModelVersion.self)
        try authored(Experiment.self)
        try authored(ExperimentRun.self)
        try authored(Deployment.self)
        try authored(NotificationChannel.self)
        try authored(NotificationRule.self)
        try owned(OrganizationMembership.self)
        try owned(ProjectMember.self)
        try owned(RunMetric.self)
        try owned(DeploymentHistoryEntry.self)
        try owned(ModelMonitoring.self)
        try owned(DataDriftReport.self)
        try owned(Alert.self)
        try owned(APIKey.self)
    }

    private func authored<Child: Authored & TenantOwned & TableMapped>(
        _ type: Child.Type
    ) throws {
        try check("created_by", up: { (child: Child) in try tx.creator(of: child) }) {
            $0.createdBy == $1
        }
        try owned(type)
    }

    private func owned<Child: TenantOwned & TableMapped>(_ type: Child.Type) throws {
        try check("organization_id", up: { (child: Child) in try tx.organization(of: child) }) {
            $0.organizationID == $1
        }
    }
}
