import Foundation
import MLOpsCore

// A single file, so that the compiler checks all of it. With several files, it may stop after the
// first one that fails.

/// A workspace does not give access to its store, nor a store to its keys or transactions.
func tryDoors(of workspace: Workspace, and store: any Store) async throws {
    _ = workspace.store  // refused
    _ = workspace.access  // refused
    let principal = workspace.principal
    _ = Workspace(store: store, organizationID: Identifier(), principal: principal)  // refused
    try await workspace.withSystemAccess(reason: "none") { _ in }  // refused
    _ = try await workspace.claimDeliveries(limit: 1, lease: 60)  // refused
    _ = try await workspace.endDeliveries([])  // refused
    _ = try await workspace.digestDeliveries([], in: nil, at: .now)  // refused
    _ = store.keys  // refused
    try await store.transact(writing: true, as: workspace.access) { _ in }  // refused
    store.submit(as: workspace.access, { _ in }, completion: { _ in })  // refused
    _ = store.lifecycle  // refused
    _ = Access(organizationID: Identifier(), principal: principal)  // refused
    try await store.withSystemAccess(reason: "a maintenance") { access in
        _ = access.store  // refused
        _ = try await access.read { try $0.organizations.count() }
    }
}

/// System access claims messages by its own calls, not by those of a transaction.
func tryToClaim(_ tx: any Transaction) throws {
    _ = try tx.claimDeliveries(limit: 1, lease: 60)  // refused
}

/// A key ring shows the ids of its keys, but not the keys.
func tryDoors(of ring: KeyRing) {
    _ = ring.current  // refused
    _ = ring["k1"]  // refused
    _ = ring.ids
}

/// Only ordered columns can be compared by order.
func tryOrders() {
    _ = Query<ExperimentRun>(where: { $0.durationSeconds < 1 })
    _ = Query<Alert>(where: { $0.severity >= .high })
    _ = Query<ExperimentRun>(where: { $0.status < .running })  // refused
    _ = Query<APIKey>(where: { $0.isActive })
    _ = Query<APIKey>(where: { $0.isActive > false })  // refused
    _ = Query<APIKey>(where: { $0.name })  // refused
}

/// A transaction cannot leave its closure.
func tryToKeep(_ workspace: Workspace) async throws {
    _ = try await workspace.read { tx in tx }  // refused
    try await workspace.write { tx in await Task.yield() }  // refused
}

/// An id of one entity cannot be used as that of another.
func tryToConfuse(_ project: Identifier<Project>, _ workspace: Workspace) async throws {
    _ = try await workspace.runs.find(project)  // refused
}

/// Fields that the engine maintains can be read, but not set.
func tryToSet(
    _ run: inout ExperimentRun, _ version: inout ModelVersion, _ deployment: inout Deployment,
    _ alert: inout Alert, _ entry: inout DeploymentHistoryEntry, _ key: inout APIKey,
    _ user: inout User, _ member: inout ProjectMember, _ log: inout AuditLog
) {
    run.id = Identifier()  // refused
    run.organizationID = Identifier()  // refused
    run.experimentID = Identifier()  // refused
    run.revision = 7  // refused
    run.createdAt = Date()  // refused
    run.deletedAt = nil  // refused
    version.modelID = Identifier()  // refused
    version.stage = .production  // refused
    version.createdBy = Identifier()  // refused
    deployment.modelVersionID = Identifier()  // refused
    deployment.status = .active  // refused
    deployment.deployedAt = Date()  // refused
    deployment.terminatedAt = Date()  // refused
    deployment.minInstances = 3  // refused
    alert.fingerprint = "another"  // refused
    alert.deliveries = []  // refused
    alert.occurrences = 0  // refused
    alert.acknowledgedBy = nil  // refused
    alert.resolvedAt = nil  // refused
    entry.performedBy = Identifier()  // refused
    entry.startedAt = Date()  // refused
    key.userID = Identifier()  // refused
    key.keyHash = ""  // refused
    key.keyPrefix = ""  // refused
    key.revokedAt = nil  // refused
    key.permissions = APIKeyPermissions()  // refused
    key.expiresAt = nil  // refused
    key.lastUsedAt = nil  // refused
    _ = user.passwordHash  // refused
    member.userID = Identifier()  // refused
    log.sequence = 1  // refused
    log.hash = ""  // refused
    run.runName = "a name is the program's own"
}

/// A new row gets its start state, and the acting user as its performer.
func tryToBegin(
    _ model: Identifier<Model>, _ version: Identifier<ModelVersion>, _ project: Identifier<Project>,
    _ experiment: Identifier<Experiment>, _ user: Identifier<User>
) {
    _ = ModelVersion(model: model, version: "1", stage: .production)  // refused
    _ = Deployment(project: project, modelVersion: version, name: "a", status: .active)  // refused
    _ = ExperimentRun(experiment: experiment, runName: "a", metrics: [:])  // refused
    _ = ExperimentRun(experiment: experiment, runName: "a", artifacts: [:])  // refused
    _ = Alert(alertType: .custom, title: "a", deliveries: [])  // refused
    _ = ProjectMember(project: project, user: user, addedBy: user)  // refused
    _ = ExperimentRun(experiment: experiment, runName: "a", status: .running)
}

/// The run logger's own methods are not accessible.
func tryToLog(_ runs: any ExperimentRunRepository, _ run: Identifier<ExperimentRun>) throws {
    _ = try runs.logged  // refused
    try runs.append(MetricBatch(), to: run)
    try runs.end(run, as: .completed)
}
