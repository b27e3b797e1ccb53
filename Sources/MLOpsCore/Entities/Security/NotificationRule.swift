public import Foundation

/// Which events are sent to which channel.
public struct NotificationRule: TenantOwned, SoftDeletable, Authored {
    /// What one row is called in messages.
    public static let entityName = "notification rule"

    /// The key.
    public package(set) var id: Identifier<NotificationRule>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// The project it is limited to, or `nil` for the whole organization.
    public package(set) var projectID: Identifier<Project>?
    /// The deployment it is limited to, or `nil` for all.
    public package(set) var deploymentID: Identifier<Deployment>?
    /// Where it sends to.
    public var channelID: Identifier<NotificationChannel>
    /// Its name, unique in the organization.
    public var name: String
    /// The kind of event that triggers it.
    public var triggerType: NotificationTrigger
    /// What an event must match, as a JSON object.
    public var conditions: JSONValue
    /// The least time between two notifications, in seconds; 0 is none.
    public var cooldownSeconds: Int
    /// Whether it sends anything.
    public var isActive: Bool
    /// Who made it; filled in on insert.
    public package(set) var createdBy: Identifier<User>
    /// When it was made.
    public package(set) var createdAt: Date
    /// When it last changed.
    public package(set) var updatedAt: Date
    /// When it was deleted.
    public package(set) var deletedAt: Date?
    /// The deletion that took it.
    public package(set) var deletionID: Identifier<Deletion>?
    /// How often it was written.
    public package(set) var revision: Int

    /// Makes a rule that is not stored yet.
    public init(
        id: Identifier<NotificationRule> = Identifier(),
        channel: Identifier<NotificationChannel>,
        name: String,
        triggerType: NotificationTrigger,
        project: Identifier<Project>? = nil,
        deployment: Identifier<Deployment>? = nil,
        conditions: JSONValue = [:],
        cooldownSeconds: Int = 0,
        isActive: Bool = true,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        projectID = project
        deploymentID = deployment
        channelID = channel
        self.name = name
        self.triggerType = triggerType
        self.conditions = conditions
        self.cooldownSeconds = cooldownSeconds
        self.isActive = isActive
        createdBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}

/// A kind of event that can be notified.
public enum NotificationTrigger: String, TextEnumeration {
    /// An alert was raised.
    case alert
    /// A deployment changed.
    case deployment
    /// A model or one of its versions changed.
    case modelUpdate = "model_update"
    /// An experiment ended.
    case experimentComplete = "experiment_complete"
}
