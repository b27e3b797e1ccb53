public import Foundation

/// Where notifications go, with secrets that are stored encrypted.
///
/// A value in ``NotificationChannel/config`` is a secret when its name says so (`webhook_url`,
/// `smtpPassword`, `routing-key`), when it holds `user:password@`, and in a channel of type
/// webhook, slack or teams when it holds a URL. A channel that is inserted or updated keeps
/// it as `{"$sealed": "..."}`, and that is what the methods that read a channel return; an update
/// of such a value as it is keeps the secret. Without an encryption key (see ``StoreKeys``) a
/// secret is refused with `.missingKey`.
public protocol NotificationChannelRepository: SoftDeletableRepository
where Record == NotificationChannel {
    /// The live channel of this name, or `nil`.
    func named(_ name: String) throws -> NotificationChannel?

    /// The configuration of a live channel with its secrets, for who may write the channel.
    ///
    /// - Throws: `.notFound`; `.permissionDenied`; `.missingKey` when the key that sealed a secret
    ///   is not configured; `.corrupt` when one was changed or copied from another row.
    func openedConfig(of id: Identifier<NotificationChannel>) throws -> Secret<JSONValue>
}

extension NotificationChannel {
    /// The columns of `notification_channels`.
    public struct Columns: Sendable {
        /// The key.
        public let id = Column<NotificationChannel, Identifier<NotificationChannel>>("id")
        /// The organization; filled in on insert.
        public let organizationID =
            Column<NotificationChannel, Identifier<Organization>>("organization_id")
        /// The name.
        public let name = Column<NotificationChannel, String>("name")
        /// The kind of place.
        public let channelType =
            Column<NotificationChannel, NotificationChannelType>("channel_type")
        /// Address and settings.
        public let config = JSONColumn<NotificationChannel>("config")
        /// Whether anything is sent there.
        public let isActive = Column<NotificationChannel, Bool>("is_active")
        /// Who made it.
        public let createdBy = Column<NotificationChannel, Identifier<User>>("created_by")
        /// When it was made.
        public let createdAt = Column<NotificationChannel, Date>("created_at")
        /// When it last changed.
        public let updatedAt = Column<NotificationChannel, Date>("updated_at")
        /// When it was deleted.
        public let deletedAt = Column<NotificationChannel, Date?>("deleted_at")
        /// How often it was written.
        public let revision = Column<NotificationChannel, Int>("revision")
    }

    /// The columns of `notification_channels`.
    public static let columns = Columns()
}
