public import Foundation

/// A place where notifications are sent.
public struct NotificationChannel: TenantOwned, SoftDeletable, Authored {
    /// What one row is called in messages.
    public static let entityName = "notification channel"

    /// The key.
    public package(set) var id: Identifier<NotificationChannel>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization>
    /// Its name, unique in the organization.
    public var name: String
    /// The kind of place.
    public var channelType: NotificationChannelType
    /// Address and settings, as a JSON object; the secrets inside are encrypted.
    public var config: JSONValue
    /// Whether anything is sent there.
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

    /// Makes a channel that is not stored yet.
    public init(
        id: Identifier<NotificationChannel> = Identifier(),
        name: String,
        channelType: NotificationChannelType,
        config: JSONValue = [:],
        isActive: Bool = true,
        createdAt: Date = .now
    ) {
        self.id = id
        organizationID = .unassigned
        self.name = name
        self.channelType = channelType
        self.config = config
        self.isActive = isActive
        createdBy = .unassigned
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
        deletedAt = nil
        deletionID = nil
        revision = 1
    }
}

/// The kind of place a channel sends to.
public enum NotificationChannelType: String, TextEnumeration {
    /// Mail.
    case email
    /// A Slack channel.
    case slack
    /// A Microsoft Teams channel.
    case teams
    /// Any HTTP endpoint.
    case webhook
    /// A PagerDuty service.
    case pagerDuty = "pagerduty"
}
