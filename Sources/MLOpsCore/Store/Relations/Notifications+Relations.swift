/// Relations of notification rules.
///
/// Upwards, a parent that the transaction cannot see, such as a deleted one, is `.notFound`, or
/// `nil` where the relation is optional. Downwards, a query may narrow, order and page.
extension Transaction {
    /// The channel that a rule sends to.
    public func channel(of rule: NotificationRule) throws -> NotificationChannel {
        try notificationChannels.find(rule.channelID)
    }

    /// The rules that send to a channel.
    public func notificationRules(
        of channel: NotificationChannel, _ query: Query<NotificationRule> = Query()
    ) throws -> Page<NotificationRule> {
        try notificationRules.page(query.filtered { $0.channelID == channel.id })
    }

    /// The project that a rule is limited to, or `nil`.
    public func project(of rule: NotificationRule) throws -> Project? {
        try rule.projectID.flatMap { try projects.findIfExists($0) }
    }

    /// The rules that are limited to a project.
    public func notificationRules(
        of project: Project, _ query: Query<NotificationRule> = Query()
    ) throws -> Page<NotificationRule> {
        try notificationRules.page(query.filtered { $0.projectID == project.id })
    }

    /// The deployment that a rule is limited to, or `nil`.
    public func deployment(of rule: NotificationRule) throws -> Deployment? {
        try rule.deploymentID.flatMap { try deployments.findIfExists($0) }
    }

    /// The rules that are limited to a deployment.
    public func notificationRules(
        of deployment: Deployment, _ query: Query<NotificationRule> = Query()
    ) throws -> Page<NotificationRule> {
        try notificationRules.page(query.filtered { $0.deploymentID == deployment.id })
    }
}
