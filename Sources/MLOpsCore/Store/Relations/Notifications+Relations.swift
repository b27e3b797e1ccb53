/// Relations of notification rules.
///
/// A parent that the transaction cannot see, such as a deleted one, throws `.notFound`; an optional
/// relation returns `nil`. To find children, filter on the foreign key, such as
/// `{ $0.projectID == project.id }`.
extension Transaction {
    /// The channel that a rule sends to.
    public func channel(of rule: NotificationRule) throws -> NotificationChannel {
        try notificationChannels.find(rule.channelID)
    }

    /// The project that a rule is limited to, or `nil`.
    public func project(of rule: NotificationRule) throws -> Project? {
        try rule.projectID.flatMap { try projects.findIfExists($0) }
    }

    /// The deployment that a rule is limited to, or `nil`.
    public func deployment(of rule: NotificationRule) throws -> Deployment? {
        try rule.deploymentID.flatMap { try deployments.findIfExists($0) }
    }
}
