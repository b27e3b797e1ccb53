extension SQLRepository: NotificationChannelRepository where Record == NotificationChannel {
    func named(_ name: String) throws -> NotificationChannel? {
        try first { $0.name == name }
    }

    func openedConfig(of id: Identifier<NotificationChannel>) throws -> Secret<JSONValue> {
        let channel = try find(id, to: .write)
        if transaction.auditedAccess.contains(.openedSecrets) {
            try transaction.checkWritable()
            try note("open", channel, [:])
        }
        do {
            return try channel.sealing(in: transaction).opened(channel.config)
        } catch let error as StoreError where error.entity == nil {
            throw StoreError(
                error.code, error.message, entity: NotificationChannel.entityName, field: "config")
        }
    }
}

extension SQLRepository where Record == NotificationChannel {
    func noteTest(
        of id: Identifier<NotificationChannel>, outcome: NotificationTestOutcome
    ) throws {
        try transaction.checkWritable()
        try note("test", try find(id, to: .write), ["outcome": .string(outcome.rawValue)])
    }
}

extension NotificationChannel: StoredSoftDeletable {
    /// Seals the secrets of the channel's config, which is never stored with them in plain text.
    func prepared(
        from source: InsertSource?, in transaction: SQLTransaction
    ) throws -> NotificationChannel {
        var channel = self
        switch source {
        case .caller:
            guard !config.holdsSealed else { throw SealedConfig.notOfThisRow }
            channel.createdAt = transaction.now
        case .engine, .history: break
        case nil:
            // The caller's copy of the time decides nothing.
            let stored = try SQLRepository(transaction.unrestricted).inside(self).findIfExists(id)
            channel.createdAt = stored?.createdAt ?? createdAt
        }
        channel.config = try channel.sealing(in: transaction).sealed(config)
        return channel
    }

    /// Seals and opens the secrets of the channel's config.
    func sealing(in transaction: SQLTransaction) -> SealedConfig {
        SealedConfig(
            of: id, createdAt: createdAt, in: transaction.organizationID ?? organizationID,
            type: channelType, keys: transaction.keys)
    }
}
