/// The history of an organization's deployments.
public protocol DeploymentHistoryRepository: Repository
where Record == DeploymentHistoryEntry {
    /// The changes of a deployment, newest first.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func of(deployment: Identifier<Deployment>) throws -> [DeploymentHistoryEntry]

    /// Ends a change that is pending or in progress, now, and returns its entry.
    ///
    /// - Throws: `.notFound`; `.conflict` when it has ended before, or when it is to be completed
    ///   although the deployment does not serve its version, or is not terminated as it says;
    ///   `.invalidValue` for a status other than `.completed` and `.failed`.
    @discardableResult
    func complete(
        _ id: Identifier<DeploymentHistoryEntry>, status: DeploymentActionStatus,
        errorMessage: String?
    ) throws -> DeploymentHistoryEntry
}

extension DeploymentHistoryRepository {
    /// Ends a change that is pending or in progress, now and without an error, and returns its
    /// entry.
    @discardableResult
    public func complete(
        _ id: Identifier<DeploymentHistoryEntry>, status: DeploymentActionStatus = .completed
    ) throws -> DeploymentHistoryEntry {
        try complete(id, status: status, errorMessage: nil)
    }
}
