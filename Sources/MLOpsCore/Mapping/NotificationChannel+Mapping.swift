extension NotificationChannel {
    /// The columns of `notification_channels`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = NotificationChannel
        /// The name.
        public let name = Column<NotificationChannel, String>("name", holdsNames: true)
        /// The type of channel.
        public let channelType = Column<NotificationChannel, NotificationChannelType>(
            "channel_type")
        /// Address and settings.
        public let config = JSONColumn<NotificationChannel>("config")
        /// Whether notifications are sent through it.
        public let isActive = Column<NotificationChannel, Bool>("is_active")
    }

    /// The columns of `notification_channels`.
    public static let columns = Columns()
}

extension NotificationChannel: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "notification_channels", resource: "notification_channel",
        project: .every,
        // It holds the addresses of people, who may be erased.
        redacted: [columns.config],
        references: [
            Reference(columns.createdBy, onPurge: .restrict)
        ])

    package static let blank = NotificationChannel(name: "", channelType: .webhook)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.channelType, &channelType)
        try row.column(Self.columns.config, &config)
        try row.column(Self.columns.isActive, &isActive)
        try row.column(Self.columns.createdBy, &createdBy)
        try row.stamps(&self)
    }

    /// Maintainers of any project may manage their own channels; others require `admin`.
    ///
    /// A purge always requires `admin`.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        let isOwn = createdBy == user || createdBy == .unassigned
        return isOwn && action != .purge ? .project(.maintainer) : .organization(.admin)
    }
}
