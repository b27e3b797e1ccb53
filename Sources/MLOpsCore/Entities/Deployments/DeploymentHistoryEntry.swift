public import Foundation

/// What was done to a deployment.
public enum DeploymentAction: String, TextEnumeration {
    /// It was deployed for the first time.
    case deploy
    /// It got another version.
    case update
    /// Its limits of scaling changed.
    case scale
    /// It got a version back that it served before.
    case rollback
    /// It was ended.
    case terminate
}

/// How far a change of a deployment has come.
public enum DeploymentActionStatus: String, TextEnumeration {
    /// Waiting to start.
    case pending
    /// Under way.
    case inProgress = "in_progress"
    /// Done.
    case completed
    /// Ended by an error; the deployment is as it was.
    case failed

    /// Whether the change has ended.
    public var isFinal: Bool { self == .completed || self == .failed }
}

/// One change of a deployment.
///
/// Its outcome is set once; everything else never changes.
public struct DeploymentHistoryEntry: TenantOwned {
    /// What one row is called in messages.
    public static let entityName = "deployment history entry"

    /// The key.
    public package(set) var id: Identifier<DeploymentHistoryEntry>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The deployment.
    public package(set) var deploymentID: Identifier<Deployment>
    /// The version after the change.
    public package(set) var modelVersionID: Identifier<ModelVersion>
    /// The version before the change; `nil` for the first deployment.
    public package(set) var previousModelVersionID: Identifier<ModelVersion>?
    /// What was done.
    public package(set) var action: DeploymentAction
    /// How far the change has come.
    public package(set) var status: DeploymentActionStatus
    /// Why it was done.
    public package(set) var reason: String?
    /// Why it failed.
    public package(set) var errorMessage: String?
    /// Who did it; filled in on insert.
    public package(set) var performedBy: Identifier<User>
    /// When the change started.
    public package(set) var startedAt: Date
    /// When the change ended; not before it started.
    public package(set) var completedAt: Date?
    /// When the entry was made.
    public package(set) var createdAt: Date

    /// Makes an entry that is not stored yet.
    ///
    /// The change starts at `createdAt`; with a final status it also ends then.
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
        organizationID = .unassigned
        deploymentID = deployment
        modelVersionID = modelVersion
        previousModelVersionID = previousModelVersion
        self.action = action
        self.status = status
        self.reason = reason
        self.errorMessage = errorMessage
        performedBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        startedAt = self.createdAt
        completedAt = status.isFinal ? startedAt : nil
    }
}

extension DeploymentHistoryEntry {
    /// The versions that a deployment can be rolled back through, the one that serves last.
    ///
    /// The entries are the completed ones, oldest first: a deployment or an update puts its version
    /// on top, a rollback takes versions off until its own is on top, and termination takes all.
    static func servedVersions(after entries: [Self]) -> [Identifier<ModelVersion>] {
        var versions: [Identifier<ModelVersion>] = []
        for entry in entries {
            switch entry.action {
            case .deploy, .update:
                // The same version once more is no version to go back to.
                if versions.last != entry.modelVersionID { versions.append(entry.modelVersionID) }
            case .rollback:
                while let last = versions.last, last != entry.modelVersionID {
                    versions.removeLast()
                }
                if versions.isEmpty { versions.append(entry.modelVersionID) }
            case .scale:
                break
            case .terminate:
                versions.removeAll()
            }
        }
        return versions
    }
}
