extension SQLRepository: NotificationChannelRepository where Record == NotificationChannel {
    func named(_ name: String) throws -> NotificationChannel? {
        try first { $0.name == name }
    }
}
