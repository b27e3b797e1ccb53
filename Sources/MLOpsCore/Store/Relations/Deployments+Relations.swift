/// Relations of deployments and their history.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards, a query may narrow, order and page.
extension Transaction {
    /// The project of a deployment.
    public func project(of deployment: Deployment) throws -> Project {
        try projects.find(deployment.projectID)
    }

    /// The deployments of a project.
    public func deployments(
        of project: Project, _ query: Query<Deployment> = Query()
    ) throws -> Page<Deployment> {
        try deployments.page(query.filtered { $0.projectID == project.id })
    }

    /// The model version that a deployment serves.
    public func modelVersion(of deployment: Deployment) throws -> ModelVersion {
        try modelVersions.find(deployment.modelVersionID)
    }

    /// The deployments that serve a model version.
    public func deployments(
        of version: ModelVersion, _ query: Query<Deployment> = Query()
    ) throws -> Page<Deployment> {
        try deployments.page(query.filtered { $0.modelVersionID == version.id })
    }

    /// The deployment of a change.
    public func deployment(of entry: DeploymentHistoryEntry) throws -> Deployment {
        try deployments.find(entry.deploymentID)
    }

    /// The changes of a deployment.
    public func deploymentHistory(
        of deployment: Deployment, _ query: Query<DeploymentHistoryEntry> = Query()
    ) throws -> Page<DeploymentHistoryEntry> {
        try deploymentHistory.page(query.filtered { $0.deploymentID == deployment.id })
    }

    /// The model version that a change led to.
    public func modelVersion(of entry: DeploymentHistoryEntry) throws -> ModelVersion {
        try modelVersions.find(entry.modelVersionID)
    }

    /// The changes that led to a model version.
    public func deploymentHistory(
        to version: ModelVersion, _ query: Query<DeploymentHistoryEntry> = Query()
    ) throws -> Page<DeploymentHistoryEntry> {
        try deploymentHistory.page(query.filtered { $0.modelVersionID == version.id })
    }

    /// The model version that a change replaced, or `nil`.
    public func previousModelVersion(of entry: DeploymentHistoryEntry) throws -> ModelVersion? {
        try entry.previousModelVersionID.flatMap { try modelVersions.findIfExists($0) }
    }

    /// The changes that replaced a model version.
    public func deploymentHistory(
        replacing version: ModelVersion, _ query: Query<DeploymentHistoryEntry> = Query()
    ) throws -> Page<DeploymentHistoryEntry> {
        try deploymentHistory.page(query.filtered { $0.previousModelVersionID == version.id })
    }

    /// Who made a change.
    public func performer(of entry: DeploymentHistoryEntry) throws -> User {
        try users.find(entry.performedBy)
    }

    /// The changes of deployments that a user has made.
    public func deploymentHistory(
        performedBy user: User, _ query: Query<DeploymentHistoryEntry> = Query()
    ) throws -> Page<DeploymentHistoryEntry> {
        try deploymentHistory.page(query.filtered { $0.performedBy == user.id })
    }
}
