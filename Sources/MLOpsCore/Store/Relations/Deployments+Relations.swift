/// Relations of deployments and their history.
///
/// A parent that the transaction cannot see, such as a deleted one, throws `.notFound`; an optional
/// relation returns `nil`. To find children, filter on the foreign key, such as
/// `{ $0.projectID == project.id }`.
extension Transaction {
    /// The project of a deployment.
    public func project(of deployment: Deployment) throws -> Project {
        try projects.find(deployment.projectID)
    }

    /// The model version that a deployment serves.
    public func modelVersion(of deployment: Deployment) throws -> ModelVersion {
        try modelVersions.find(deployment.modelVersionID)
    }

    /// The deployment of a change.
    public func deployment(of entry: DeploymentHistoryEntry) throws -> Deployment {
        try deployments.find(entry.deploymentID)
    }

    /// The model version that a change led to.
    public func modelVersion(of entry: DeploymentHistoryEntry) throws -> ModelVersion {
        try modelVersions.find(entry.modelVersionID)
    }

    /// The model version that a change replaced, or `nil`.
    public func previousModelVersion(of entry: DeploymentHistoryEntry) throws -> ModelVersion? {
        try entry.previousModelVersionID.flatMap { try modelVersions.findIfExists($0) }
    }

    /// Who made a change.
    public func performer(of entry: DeploymentHistoryEntry) throws -> User {
        try users.find(entry.performedBy)
    }
}
