public import Foundation

/// The deployments of an organization.
///
/// The methods that change a deployment also write its history, in the same transaction and as the
/// acting user. Under system access there is no acting user, and they throw `.permissionDenied`.
/// For a terminated deployment, and while a change is in progress, they throw `.conflict`.
///
/// A change that takes time is begun, and then completed or failed; the other methods do both at
/// once.
public protocol DeploymentRepository: SoftDeletableRepository where Record == Deployment {
    /// The live deployment of this name in a project's environment, or `nil`.
    func named(
        _ name: String, environment: DeploymentEnvironment, in project: Identifier<Project>
    ) throws -> Deployment?

    /// The deployments of a project, by name and environment.
    ///
    /// - Throws: `.notFound` for a project that is absent or deleted.
    func of(project: Identifier<Project>) throws -> [Deployment]

    /// The deployments that have this version, by name and environment.
    ///
    /// - Throws: `.notFound` for a version that is absent or deleted.
    func of(version: Identifier<ModelVersion>) throws -> [Deployment]

    /// Stores a new deployment as active from now on and returns it.
    ///
    /// With a stage, the version has to be in it.
    ///
    /// - Throws: What ``Repository/insert(_:)`` throws; `.conflict` for a version in another stage.
    @discardableResult
    func deploy(
        _ deployment: Deployment, reason: String?, demanding stage: ModelStage?
    ) throws -> Deployment

    /// Gives a deployment another version; it is active from now on.
    ///
    /// With a stage, the version has to be in it.
    ///
    /// - Throws: `.notFound` for either; `.conflict`, also for a version in another stage.
    @discardableResult
    func update(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>, reason: String?,
        demanding stage: ModelStage?
    ) throws -> Deployment

    /// Stores a new deployment that is being deployed, and returns the change.
    ///
    /// With a stage, the version has to be in it, now and when the change is completed.
    ///
    /// - Throws: As `deploy`.
    @discardableResult
    func begin(
        _ deployment: Deployment, reason: String?, demanding stage: ModelStage?
    ) throws -> DeploymentHistoryEntry

    /// Begins a change, so that the deployment is `deploying` or `terminating`, and returns it.
    ///
    /// What serves goes on until the change is completed. With a stage, the new version has to be
    /// in it, now and when the change is completed; a scaling and a termination demand nothing.
    ///
    /// - Throws: What the change made at once would throw; `.conflict` while another one is in
    ///   progress.
    @discardableResult
    func begin(
        _ change: DeploymentChange, of id: Identifier<Deployment>, reason: String?,
        demanding stage: ModelStage?
    ) throws -> DeploymentHistoryEntry

    /// Makes a change true that is in progress, and returns the deployment.
    ///
    /// - Throws: `.notFound`; `.conflict` when it was never begun or has ended, while its version
    ///   is not in the demanded stage, and when its version was deleted: that one can only fail.
    @discardableResult
    func complete(_ change: Identifier<DeploymentHistoryEntry>) throws -> Deployment

    /// Gives a change up that is pending or in progress, and returns the deployment.
    ///
    /// The deployment is as it was; `failed` if it has never served. So a change that is stuck is
    /// ended by any maintainer.
    ///
    /// - Throws: `.notFound`; `.conflict` when it has ended.
    @discardableResult
    func fail(_ change: Identifier<DeploymentHistoryEntry>, error: String?) throws -> Deployment

    /// Changes the limits of scaling.
    ///
    /// - Throws: `.notFound`, `.conflict`; `.checkViolation` unless `0 <= min <= max`.
    @discardableResult
    func scale(
        _ id: Identifier<Deployment>, min: Int, max: Int, reason: String?
    ) throws -> Deployment

    /// Serves an earlier version of a deployment again, active from now on.
    ///
    /// Without a version, the target is the one that served before the current one. Versions that
    /// were rolled back do not count: after 1, 2 and 3, one rollback leads to 2 and the next one to
    /// 1.
    ///
    /// - Throws: `.notFound`; `.conflict` when there is no earlier version, or the deployment has
    ///   never served the given one, or serves it now.
    @discardableResult
    func rollback(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>?, reason: String?
    ) throws -> Deployment

    /// Sets the reported status of a deployment: active, inactive or failed. The version and the
    /// history do not change.
    ///
    /// - Throws: `.notFound`; `.conflict` for a terminated deployment, while a change is in
    ///   progress, for a status that only a change sets, and for `.active` of a deployment that has
    ///   never served.
    @discardableResult
    func mark(_ id: Identifier<Deployment>, as status: DeploymentStatus) throws -> Deployment

    /// Ends a deployment for good.
    ///
    /// - Throws: `.notFound`, `.conflict`.
    @discardableResult
    func terminate(_ id: Identifier<Deployment>, reason: String?) throws -> Deployment

    /// Sets what is watched of a deployment, and returns it.
    ///
    /// Without a policy nothing is watched.
    ///
    /// - Throws: `.invalidValue` for a policy that makes no sense; `.notFound`; `.conflict` for a
    ///   terminated deployment.
    @discardableResult
    func setMonitoringPolicy(
        _ policy: MonitoringPolicy?, of id: Identifier<Deployment>
    ) throws -> Deployment

    /// Raises an alert for each metric whose measurements have stopped for as long as the policy of
    /// its deployment says; returns the alerts. For whoever delivers alerts, under system access.
    ///
    /// - Parameter limit: The most deployments that are looked at, 1 to 10,000.
    /// - Throws: `.permissionDenied` in a workspace; `.invalidValue`.
    @discardableResult
    func raiseSilences(limit: Int) throws -> [Alert]

    /// The version that served at a time, by the changes completed until then, or `nil` before the
    /// first and after the termination.
    ///
    /// It is what runs, whatever its ``ModelStage``: a version in production need not serve
    /// anywhere, and one that serves may be archived meanwhile.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func liveVersion(of id: Identifier<Deployment>, at time: Date) throws -> ModelVersion?
}

extension DeploymentRepository {
    /// Stores a new deployment as active from now on and returns it.
    @discardableResult
    public func deploy(_ deployment: Deployment, reason: String? = nil) throws -> Deployment {
        try deploy(deployment, reason: reason, demanding: nil)
    }

    /// Stores a new deployment that is being deployed, and returns the change.
    @discardableResult
    public func begin(
        _ deployment: Deployment, reason: String? = nil
    ) throws -> DeploymentHistoryEntry {
        try begin(deployment, reason: reason, demanding: nil)
    }

    /// Begins a change of a deployment, and returns it.
    @discardableResult
    public func begin(
        _ change: DeploymentChange, of id: Identifier<Deployment>, reason: String? = nil
    ) throws -> DeploymentHistoryEntry {
        try begin(change, of: id, reason: reason, demanding: nil)
    }

    /// Gives a deployment another version; it is active from now on.
    @discardableResult
    public func update(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>, reason: String? = nil
    ) throws -> Deployment {
        try update(id, to: version, reason: reason, demanding: nil)
    }

    /// Changes the limits of scaling.
    @discardableResult
    public func scale(_ id: Identifier<Deployment>, min: Int, max: Int) throws -> Deployment {
        try scale(id, min: min, max: max, reason: nil)
    }

    /// Gives a deployment a version back, the one before the present one unless told otherwise.
    @discardableResult
    public func rollback(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>? = nil
    ) throws -> Deployment {
        try rollback(id, to: version, reason: nil)
    }

    /// Gives a deployment the version back that served before the present one.
    @discardableResult
    public func rollback(_ id: Identifier<Deployment>, reason: String?) throws -> Deployment {
        try rollback(id, to: nil, reason: reason)
    }

    /// Ends a deployment for good.
    @discardableResult
    public func terminate(_ id: Identifier<Deployment>) throws -> Deployment {
        try terminate(id, reason: nil)
    }
}
