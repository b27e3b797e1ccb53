public import Foundation

/// The environment in which a deployment serves.
public enum DeploymentEnvironment: String, TextEnumeration {
    /// For development.
    case development
    /// For tests before production.
    case staging
    /// For users.
    case production
}

/// The state of a deployment.
public enum DeploymentStatus: String, TextEnumeration {
    /// Waiting to be deployed.
    case pending
    /// Being deployed.
    case deploying
    /// Serving.
    case active
    /// Stopped for now.
    case inactive
    /// Stopped by an error.
    case failed
    /// Being terminated.
    case terminating
    /// Ended for good.
    case terminated
}

/// A model version that serves in one environment.
///
/// Version, scaling limits and termination change only through the repository's own methods, which
/// write the history; an update ignores them.
public struct Deployment: TenantOwned, SoftDeletable, Authored {
    /// The name of a row in messages.
    public static let entityName = "deployment"

    /// The key.
    public package(set) var id: Identifier<Deployment>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The project it belongs to.
    public package(set) var projectID: Identifier<Project>
    /// The version that serves, or is to serve.
    public package(set) var modelVersionID: Identifier<ModelVersion>
    /// Its name, unique in project and environment.
    public var name: String
    /// The environment; it never changes.
    public package(set) var environment: DeploymentEnvironment
    /// The address of the service.
    public var endpointURL: String?
    /// Its state.
    public package(set) var status: DeploymentStatus = .pending
    /// The kind of machine.
    public var instanceType: String
    /// The lower limit of scaling.
    public package(set) var minInstances: Int
    /// The upper limit of scaling.
    public package(set) var maxInstances: Int
    /// Whether it scales between the limits.
    public var autoScaling: Bool
    /// Its configuration, as a JSON object.
    public var deploymentConfig: JSONValue
    /// The path that answers when the service is well.
    public var healthCheckPath: String
    /// What is watched; set by `setMonitoringPolicy` alone.
    public package(set) var monitoringPolicy = MonitoringPolicy()
    /// When it has to be looked at whether measurements still come.
    public package(set) var nextCheckAt: Date?
    /// When it first served.
    public package(set) var deployedAt: Date?
    /// When it ended.
    public package(set) var terminatedAt: Date?
    /// Who made it; filled in on insert.
    public package(set) var createdBy: Identifier<User> = .unassigned
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that it was part of.
    public package(set) var deletionID: Identifier<Deletion>?
    /// The revision: 1 after the insert, one more after each change.
    public package(set) var revision: Int = 1

    /// Makes a deployment that is not stored yet.
    public init(
        id: Identifier<Deployment> = Identifier(),
        project: Identifier<Project>,
        modelVersion: Identifier<ModelVersion>,
        name: String,
        environment: DeploymentEnvironment = .development,
        endpointURL: String? = nil,
        instanceType: String = "",
        minInstances: Int = 1,
        maxInstances: Int = 1,
        autoScaling: Bool = false,
        deploymentConfig: JSONValue = [:],
        healthCheckPath: String = "/health",
        createdAt: Date = .now
    ) {
        self.id = id
        projectID = project
        modelVersionID = modelVersion
        self.name = name
        self.environment = environment
        self.endpointURL = endpointURL
        self.instanceType = instanceType
        self.minInstances = minInstances
        self.maxInstances = maxInstances
        self.autoScaling = autoScaling
        self.deploymentConfig = deploymentConfig
        self.healthCheckPath = healthCheckPath
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}
