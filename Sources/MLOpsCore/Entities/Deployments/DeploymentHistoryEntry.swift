public import Foundation

/// The kind of a deployment's change.
public enum DeploymentAction: String, TextEnumeration {
    /// It was deployed for the first time.
    case deploy
    /// It switched to another version.
    case update
    /// Its scaling limits changed.
    case scale
    /// It switched back to a version that it had served before.
    case rollback
    /// It was terminated.
    case terminate
}

/// A change of a deployment that is there.
public enum DeploymentChange: Sendable, Hashable {
    /// To another version.
    case update(to: Identifier<ModelVersion>)
    /// To other limits of scaling.
    case scale(min: Int, max: Int)
    /// To a version that it has served; `nil` for the one before the current one.
    case rollback(to: Identifier<ModelVersion>?)
    /// To its end.
    case terminate
}

/// The state of a deployment's change.
public enum DeploymentActionStatus: String, TextEnumeration {
    /// Waiting to start.
    case pending
    /// In progress.
    case inProgress = "in_progress"
    /// Done.
    case completed
    /// Ended by an error; the deployment is unchanged.
    case failed

    /// Whether the change has ended.
    public var isFinal: Bool { self == .completed || self == .failed }
}

/// One change of a deployment.
///
/// Its outcome is set once; everything else never changes.
public struct DeploymentHistoryEntry: TenantOwned {
    /// The name of a row in messages.
    public static let entityName = "deployment history entry"

    /// The key.
    public package(set) var id: Identifier<DeploymentHistoryEntry>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The deployment.
    public package(set) var deploymentID: Identifier<Deployment>
    /// The version after the change.
    public package(set) var modelVersionID: Identifier<ModelVersion>
    /// The version before the change; `nil` for the first deployment.
    public package(set) var previousModelVersionID: Identifier<ModelVersion>?
    /// The kind of change.
    public package(set) var action: DeploymentAction
    /// The state of the change.
    public package(set) var status: DeploymentActionStatus
    /// The state of the deployment before a change that takes time.
    public package(set) var previousStatus: DeploymentStatus?
    /// The stage that the version has to be in when the change is made; `nil` for any.
    public package(set) var demandedStage: ModelStage?
    /// The least number of instances after the change; `nil` unless it is a scaling.
    public package(set) var minInstances: Int?
    /// The greatest number of instances after the change; `nil` unless it is a scaling.
    public package(set) var maxInstances: Int?
    /// The reason for the change.
    public package(set) var reason: String?
    /// The error of a failed change.
    public package(set) var errorMessage: String?
    /// Who did it; filled in on insert.
    public package(set) var performedBy: Identifier<User> = .unassigned
    /// When the change started.
    public package(set) var startedAt: Date
    /// When the change ended; not before it started.
    public package(set) var completedAt: Date?
    /// When the entry was made.
    public package(set) var createdAt: Date

    /// Makes an entry that is not stored yet.
    ///
    /// The change starts at `createdAt`; with a final status it also ends then. An insert stores it
    /// as pending, a plan that changes nothing: changes are made by ``DeploymentRepository``, and
    /// only `insert(history:)` takes the status and the times.
    public init(
        id: Identifier<DeploymentHistoryEntry> = Identifier(),
        deployment: Identifier<Deployment>,
        modelVersion: Identifier<ModelVersion>,
        previousModelVersion: Identifier<ModelVersion>? = nil,
        action: DeploymentAction,
        status: DeploymentActionStatus = .pending,
        reason: String? = nil,
        errorMessage: String? = nil,
        createdAt: Date = .now
    ) {
        self.id = id
        deploymentID = deployment
        modelVersionID = modelVersion
        previousModelVersionID = previousModelVersion
        self.action = action
        self.status = status
        self.reason = reason
        self.errorMessage = errorMessage
        self.createdAt = createdAt.roundedToMicroseconds
        startedAt = self.createdAt
        completedAt = status.isFinal ? startedAt : nil
    }
}

extension DeploymentHistoryEntry {
    /// The versions that a deployment can be rolled back to, followed by the serving one.
    ///
    /// `entries` are the completed changes, oldest first. A deployment or an update pushes its
    /// version, a rollback pops versions down to its own, and a termination removes all. A rollback
    /// to a version that an earlier one has popped pushes it again.
    static func servedVersions(after entries: [Self]) -> [Identifier<ModelVersion>] {
        var versions: [Identifier<ModelVersion>] = []
        for entry in entries {
            switch entry.action {
            case .deploy, .update:
                // Deploying the serving version again adds no version to roll back to.
                if versions.last != entry.modelVersionID { versions.append(entry.modelVersionID) }
            case .rollback:
                if let index = versions.lastIndex(of: entry.modelVersionID) {
                    versions.removeSubrange((index + 1)...)
                } else {
                    versions.append(entry.modelVersionID)
                }
            case .scale:
                break
            case .terminate:
                versions.removeAll()
            }
        }
        return versions
    }
}
