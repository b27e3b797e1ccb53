extension NotificationChannel: TableMapped {
    package static let table = Table(
        "notification_channels",
        columns: [
            "id", "organization_id", "name", "channel_type", "config", "is_active",
            "created_by", "created_at", "updated_at", "deleted_at", "deletion_id",
            "revision",
        ],
        references: [.init("created_by", to: User.self, onPurge: .restrict)])

    package init(from row: inout RowDecoder) throws {
        id = try row.next()
        organizationID = try row.next()
        name = try row.next()
        channelType = try row.next()
        config = try row.next()
        isActive = try row.next()
        createdBy = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        deletedAt = try row.next()
        deletionID = try row.next()
        revision = try row.next()
    }

    package func encode(into row: inout RowEncoder) throws {
        try row.append(id)
        try row.append(organizationID)
        try row.append(name)
        try row.append(channelType)
        try row.append(config)
        try row.append(isActive)
        try row.append(createdBy)
        try row.append(createdAt)
        try row.append(updatedAt)
        try row.append(deletedAt)
        try row.append(deletionID)
        try row.append(revision)
    }

    /// Secrets are stored sealed, or not at all.
    package func prepared(
        forInsert: Bool, in transaction: SQLTransaction
    ) throws -> NotificationChannel {
        var channel = self
        channel.config = try sealing(in: transaction).sealed(config)
        return channel
    }

    /// What seals and opens the secrets of the channel.
    func sealing(in transaction: SQLTransaction) -> SealedConfig {
        SealedConfig(
            of: id, in: transaction.organizationID ?? organizationID, type: channelType,
            keys: transaction.keys)
    }
}
