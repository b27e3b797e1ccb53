import Foundation

/// Looks up names once in a transaction.
struct DispatchNames {
    let transaction: SQLTransaction
    private var served: [Identifier<Organization>: Bool] = [:]
    private var channels: [TenantRow<NotificationChannel>: NotificationChannel?] = [:]
    private var projects: [TenantRow<Project>: String?] = [:]
    private var deployments: [TenantRow<Deployment>: String?] = [:]

    init(transaction: SQLTransaction) { self.transaction = transaction }

    mutating func isServed(_ id: Identifier<Organization>) throws -> Bool {
        if let known = served[id] { return known }
        let organization = try SQLRepository<Organization>(transaction).findIfExists(id)
        let isServed =
            organization.map { $0.isActive && $0.subscriptionStatus != .suspended } ?? false
        served[id] = isServed
        return isServed
    }

    /// The channel of a message, also a deleted one.
    mutating func channel(
        _ id: Identifier<NotificationChannel>, of alert: Alert
    ) throws -> NotificationChannel? {
        let row = TenantRow(id, of: alert.organizationID)
        if let known = channels[row] { return known }
        let channels = SQLRepository<NotificationChannel>(
            transaction.inside(alert.organizationID))
        let channel = try transaction.rows(
            "\(NotificationChannel.table.selection)\(channels.row(id))",
            NotificationChannel.init(from:)
        ).first
        self.channels[row] = .some(channel)
        return channel
    }

    /// The name of an alert's project.
    mutating func project(of alert: Alert) throws -> String? {
        guard let id = alert.projectID else { return nil }
        let row = TenantRow(id, of: alert.organizationID)
        if let known = projects[row] { return known }
        let name = try SQLRepository<Project>(transaction.inside(alert.organizationID))
            .findIfExists(id)?.name
        projects[row] = .some(name)
        return name
    }

    /// The name of an alert's deployment.
    mutating func deployment(of alert: Alert) throws -> String? {
        guard let id = alert.deploymentID else { return nil }
        let row = TenantRow(id, of: alert.organizationID)
        if let known = deployments[row] { return known }
        let name = try SQLRepository<Deployment>(transaction.inside(alert.organizationID))
            .findIfExists(id)?.name
        deployments[row] = .some(name)
        return name
    }
}
