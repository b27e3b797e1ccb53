public import Foundation

/// A rule that sends events to a channel.
public struct NotificationRule: TenantOwned, SoftDeletable, Authored {
    /// The name of a row in messages.
    public static let entityName = "notification rule"

    /// The key.
    public package(set) var id: Identifier<NotificationRule>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// The project it is limited to, or `nil` for the whole organization.
    public package(set) var projectID: Identifier<Project>?
    /// The deployment it is limited to, or `nil` for all.
    public package(set) var deploymentID: Identifier<Deployment>?
    /// The channel to which it sends.
    public var channelID: Identifier<NotificationChannel>
    /// Its name, unique in the organization.
    public var name: String
    /// The kind of event that triggers it.
    public var triggerType: NotificationTrigger
    /// What an event must match.
    public var conditions: NotificationConditions
    /// The minimum time between two messages about one problem, in seconds; 0 for none.
    ///
    /// It counts from the last message that was delivered. A higher severity does not wait.
    public var cooldownSeconds: Int
    /// Whether it is in use.
    public var isActive: Bool
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

    /// The longest cooldown: a year.
    public static let longestCooldown = 31_536_000
    /// The standard cooldown: five minutes.
    public static let standardCooldown = 300

    /// Makes a rule that is not stored yet.
    public init(
        id: Identifier<NotificationRule> = Identifier(),
        channel: Identifier<NotificationChannel>,
        name: String,
        triggerType: NotificationTrigger,
        project: Identifier<Project>? = nil,
        deployment: Identifier<Deployment>? = nil,
        conditions: NotificationConditions = NotificationConditions(),
        cooldownSeconds: Int = NotificationRule.standardCooldown,
        isActive: Bool = true,
        createdAt: Date = .now
    ) {
        self.id = id
        projectID = project
        deploymentID = deployment
        channelID = channel
        self.name = name
        self.triggerType = triggerType
        self.conditions = conditions
        self.cooldownSeconds = cooldownSeconds
        self.isActive = isActive
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

/// A kind of event that triggers notifications.
public enum NotificationTrigger: String, TextEnumeration {
    /// An alert was raised, other than the events below.
    case alert
    /// A deployment changed.
    case deployment
    /// A model or one of its versions changed.
    case modelUpdate = "model_update"
    /// An experiment ended.
    case experimentComplete = "experiment_complete"
}
