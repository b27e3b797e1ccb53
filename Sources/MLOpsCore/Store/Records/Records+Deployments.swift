public import Foundation

extension Records where Record == Deployment {
    /// See ``DeploymentRepository/named(_:environment:in:)``.
    public func named(
        _ name: String, environment: DeploymentEnvironment, in project: Identifier<Project>
    ) async throws -> Deployment? {
        try await workspace.read {
            try $0.deployments.named(name, environment: environment, in: project)
        }
    }

    /// See ``DeploymentRepository/of(project:)``.
    public func of(project: Identifier<Project>) async throws -> [Deployment] {
        try await workspace.read { try $0.deployments.of(project: project) }
    }

    /// See ``DeploymentRepository/of(version:)``.
    public func of(version: Identifier<ModelVersion>) async throws -> [Deployment] {
        try await workspace.read { try $0.deployments.of(version: version) }
    }

    /// See ``DeploymentRepository/deploy(_:reason:demanding:)``.
    @discardableResult
    public func deploy(
        _ deployment: Deployment, reason: String? = nil, demanding stage: ModelStage? = nil
    ) async throws -> Deployment {
        try await workspace.write {
            try $0.deployments.deploy(deployment, reason: reason, demanding: stage)
        }
    }

    /// See ``DeploymentRepository/update(_:to:reason:demanding:)``.
    @discardableResult
    public func update(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>, reason: String? = nil,
        demanding stage: ModelStage? = nil
    ) async throws -> Deployment {
        try await workspace.write {
            try $0.deployments.update(id, to: version, reason: reason, demanding: stage)
        }
    }

    /// See ``DeploymentRepository/begin(_:reason:demanding:)``.
    @discardableResult
    public func begin(
        _ deployment: Deployment, reason: String? = nil, demanding stage: ModelStage? = nil
    ) async throws -> DeploymentHistoryEntry {
        try await workspace.write {
            try $0.deployments.begin(deployment, reason: reason, demanding: stage)
        }
    }

    /// See ``DeploymentRepository/begin(_:of:reason:demanding:)``.
    @discardableResult
    public func begin(
        _ change: DeploymentChange, of id: Identifier<Deployment>, reason: String? = nil,
        demanding stage: ModelStage? = nil
    ) async throws -> DeploymentHistoryEntry {
        try await workspace.write {
            try $0.deployments.begin(change, of: id, reason: reason, demanding: stage)
        }
    }

    /// See ``DeploymentRepository/complete(_:)``.
    @discardableResult
    public func complete(_ change: Identifier<DeploymentHistoryEntry>) async throws -> Deployment {
        try await workspace.write { try $0.deployments.complete(change) }
    }

    /// See ``DeploymentRepository/fail(_:error:)``.
    @discardableResult
    public func fail(
        _ change: Identifier<DeploymentHistoryEntry>, error: String? = nil
    ) async throws -> Deployment {
        try await workspace.write { try $0.deployments.fail(change, error: error) }
    }

    /// See ``DeploymentRepository/scale(_:min:max:reason:)``.
    @discardableResult
    public func scale(
        _ id: Identifier<Deployment>, min: Int, max: Int, reason: String? = nil
    ) async throws -> Deployment {
        try await workspace.write {
            try $0.deployments.scale(id, min: min, max: max, reason: reason)
        }
    }

    /// See ``DeploymentRepository/rollback(_:to:reason:)``.
    @discardableResult
    public func rollback(
        _ id: Identifier<Deployment>, to version: Identifier<ModelVersion>? = nil,
        reason: String? = nil
    ) async throws -> Deployment {
        try await workspace.write { try $0.deployments.rollback(id, to: version, reason: reason) }
    }

    /// See ``DeploymentRepository/mark(_:as:)``.
    @discardableResult
    public func mark(
        _ id: Identifier<Deployment>, as status: DeploymentStatus
    ) async throws -> Deployment {
        try await workspace.write { try $0.deployments.mark(id, as: status) }
    }

    /// See ``DeploymentRepository/terminate(_:reason:)``.
    @discardableResult
    public func terminate(
        _ id: Identifier<Deployment>, reason: String? = nil
    ) async throws -> Deployment {
        try await workspace.write { try $0.deployments.terminate(id, reason: reason) }
    }

    /// See ``DeploymentRepository/setMonitoringPolicy(_:of:)``.
    @discardableResult
    public func setMonitoringPolicy(
        _ policy: MonitoringPolicy?, of id: Identifier<Deployment>
    ) async throws -> Deployment {
        try await workspace.write { try $0.deployments.setMonitoringPolicy(policy, of: id) }
    }

    /// See ``DeploymentRepository/liveVersion(of:at:)``.
    public func liveVersion(
        of id: Identifier<Deployment>, at time: Date
    ) async throws -> ModelVersion? {
        try await workspace.read { try $0.deployments.liveVersion(of: id, at: time) }
    }
}

extension Records where Record == DeploymentHistoryEntry {
    /// See ``DeploymentHistoryRepository/of(deployment:)``.
    public func of(deployment: Identifier<Deployment>) async throws -> [DeploymentHistoryEntry] {
        try await workspace.read { try $0.deploymentHistory.of(deployment: deployment) }
    }

    /// See ``DeploymentHistoryRepository/inProgress(of:)``.
    public func inProgress(
        of deployment: Identifier<Deployment>
    ) async throws -> DeploymentHistoryEntry? {
        try await workspace.read { try $0.deploymentHistory.inProgress(of: deployment) }
    }
}
