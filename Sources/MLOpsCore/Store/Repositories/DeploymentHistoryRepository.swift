/// The history of an organization's deployments.
///
/// ``DeploymentRepository`` writes it: an entry that is inserted here is a plan, and stays pending
/// until somebody withdraws it with ``DeploymentRepository/fail(_:error:)``.
public protocol DeploymentHistoryRepository: Repository
where Record == DeploymentHistoryEntry {
    /// The changes of a deployment, newest first.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func of(deployment: Identifier<Deployment>) throws -> [DeploymentHistoryEntry]

    /// The change of a deployment that has begun and not ended; `nil` when none has.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func inProgress(of deployment: Identifier<Deployment>) throws -> DeploymentHistoryEntry?
}
