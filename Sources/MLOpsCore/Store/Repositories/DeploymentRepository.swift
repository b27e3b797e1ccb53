public import Foundation

/// The deployments of an organization.
///
/// The methods that change a deployment also write its history, in the same transaction and as the
/// acting user. Under system access there is no acting user, and they throw `.permissionDenied`.
/// For a terminated deployment all of them throw `.conflict`.
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
    /// - Throws: What ``Repository/insert(_:)`` throws.
    @discardableResult
    func deploy(_ deployment: Deployment, reason: String?) throws -> Deployment

    /// Gives a deployment another version; it is active from now on.
    ///
    /// - Throws: `.notFound` for either, `.conflict`.
    @discardableResult
    func update(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>, reason: String?
    ) throws -> Deployment

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

    /// Sets the reported status of a deployment: deploying, active, inactive or failed. The version
    /// and the history do not change.
    ///
    /// - Throws: `.notFound`; `.conflict` for a terminated deployment, and for the status
    ///   `.terminated`, which ``terminate(_:reason:)`` sets.
    @discardableResult
    func mark(_ id: Identifier<Deployment>, as status: DeploymentStatus) throws -> Deployment

    /// Ends a deployment for good.
    ///
    /// - Throws: `.notFound`, `.conflict`.
    @discardableResult
    func terminate(_ id: Identifier<Deployment>, reason: String?) throws -> Deployment

    /// The version that served at a time, by the changes completed until then, or `nil` before the
    /// first and after the termination.
    ///
    /// - Throws: `.notFound` for a deployment that is absent or deleted.
    func liveVersion(of id: Identifier<Deployment>, at time: Date) throws -> ModelVersion?
}

extension DeploymentRepository {
    /// Stores a new deployment as active from now on and returns it.
    @discardableResult
    public func deploy(_ deployment: Deployment) throws -> Deployment {
        try deploy(deployment, reason: nil)
    }

    /// Gives a deployment another version; it is active from now on.
    @discardableResult
    public func update(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>
    ) throws -> Deployment {
        try update(id, to: version, reason: nil)
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
