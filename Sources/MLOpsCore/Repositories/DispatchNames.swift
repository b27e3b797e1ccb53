import Foundation

/// Looks up names once in a transaction.
struct DispatchNames {
    let transaction: SQLTransaction
    private var served: [Identifier<Organization>: Bool] = [:]
    private var channels: [Identifier<NotificationChannel>: NotificationChannel?] = [:]
    private var projects: [Identifier<Project>: String?] = [:]
    private var deployments: [Identifier<Deployment>: String?] = [:]

    init(transaction: SQLTransaction) { self.transaction = transaction }

    mutating func isServed(_ id: Identifier<Organization>) throws -> Bool {
        if let known = served[id] { return known }
        let organization = try SQLRepository<Organization>(transaction).findIfExists(id)
        let isServed =
            organization.map { $0.isActive && $0.subscriptionStatus != .suspended } ?? false
        served[id] = isServed
        return isServed
    }

    /// A channel, also a deleted one.
    mutating func channel(_ id: Identifier<NotificationChannel>) throws -> NotificationChannel? {
        if let known = channels[id] { return known }
        let channel = try transaction.rows(
            "\(NotificationChannel.table.selection)id = \(id)", NotificationChannel.init(from:)
        ).first
        channels[id] = .some(channel)
        return channel
    }

    mutating func project(_ id: Identifier<Project>?) throws -> String? {
        guard let id else { return nil }
        if let known = projects[id] { return known }
        let name = try SQLRepository<Project>(transaction).findIfExists(id)?.name
        projects[id] = .some(name)
        return name
    }

    mutating func deployment(_ id: Identifier<Deployment>?) throws -> String? {
        guard let id else { return nil }
        if let known = deployments[id] { return known }
        let name = try SQLRepository<Deployment>(transaction).findIfExists(id)?.name
        deployments[id] = .some(name)
        return name
    }
}
