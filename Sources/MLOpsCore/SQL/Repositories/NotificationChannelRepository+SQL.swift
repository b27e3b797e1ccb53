extension SQLRepository: NotificationChannelRepository where Record == NotificationChannel {
    func named(_ name: String) throws -> NotificationChannel? {
        try first { $0.name == name }
    }

    func openedConfig(of id: Identifier<NotificationChannel>) throws -> Secret<JSONValue> {
        let channel = try find(id, to: .write)
        do {
            return try channel.sealing(in: transaction).opened(channel.config)
        } catch let error as StoreError where error.entity == nil {
            throw StoreError(
                error.code, error.message, entity: NotificationChannel.entityName, field: "config")
        }
    }
}
