import Foundation
import MLOpsCore

/// What the engine keeps of a row can be read, and not set.
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
    version.createdBy = Identifier()  // refused
    deployment.modelVersionID = Identifier()  // refused
    deployment.deployedAt = Date()  // refused
    deployment.terminatedAt = Date()  // refused
    deployment.minInstances = 3  // refused
    alert.fingerprint = "another"  // refused
    alert.occurrences = 0  // refused
    alert.acknowledgedBy = nil  // refused
    alert.resolvedAt = nil  // refused
    entry.performedBy = Identifier()  // refused
    entry.startedAt = Date()  // refused
    key.userID = Identifier()  // refused
    key.keyHash = ""  // refused
    key.keyPrefix = ""  // refused
    key.revokedAt = nil  // refused
    key.lastUsedAt = nil  // refused
    _ = user.passwordHash  // refused
    member.userID = Identifier()  // refused
    log.sequence = 1  // refused
    log.hash = ""  // refused
    run.runName = "a name is the program's own"
}
