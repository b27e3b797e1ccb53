public import Foundation

/// A destination of notifications.
public struct NotificationChannel: TenantOwned, SoftDeletable, Authored {
    /// The name of a row in messages.
    public static let entityName = "notification channel"

    /// The key.
    public package(set) var id: Identifier<NotificationChannel>
    /// The organization; filled in on insert.
    public package(set) var organizationID: Identifier<Organization> = .unassigned
    /// Its name, unique in the organization.
    public var name: String
    /// The kind of destination.
    public var channelType: NotificationChannelType
    /// Address and settings, as a JSON object; the secrets inside are encrypted.
    public var config: JSONValue
    /// Whether notifications are sent to it.
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
        self.name = name
        self.channelType = channelType
        self.config = config
        self.isActive = isActive
        self.createdAt = createdAt.roundedToMicroseconds
        updatedAt = self.createdAt
    }
}

/// The kind of a channel's destination.
public enum NotificationChannelType: String, TextEnumeration {
    /// E-mail.
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

/// What became of a test message.
public enum NotificationTestOutcome: String, TextEnumeration {
    /// The receiver has it.
    case delivered
    /// It was not delivered, and may be later.
    case retry
    /// The receiver does not take it.
    case refused
    /// There is no receiver any more.
    case gone
}
