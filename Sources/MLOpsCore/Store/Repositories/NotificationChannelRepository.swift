public import Foundation

/// Where notifications go.
public protocol NotificationChannelRepository: SoftDeletableRepository
where Record == NotificationChannel {
    /// The live channel of this name, or `nil`.
    func named(_ name: String) throws -> NotificationChannel?
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
