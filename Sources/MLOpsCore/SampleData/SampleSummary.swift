/// What ``SampleData`` put into a store, and the way in.
public struct SampleSummary: Sendable {
    /// The organization.
    public let organizationID: Identifier<Organization>
    /// The admin, who owns the organization.
    public let adminID: Identifier<User>
    /// The data scientist, who trains the models.
    public let dataScientistID: Identifier<User>
    /// The ML engineer, who runs the deployments.
    public let engineerID: Identifier<User>
    /// The organization as the admin sees it.
    public let workspace: Workspace
    /// How many rows of the organization each table holds, by table name.
    public let counts: [String: Int]

    init(
        of organization: Identifier<Organization>, in tx: any Transaction, of store: any Store
    ) throws {
        func find(_ person: SamplePerson) throws -> Identifier<User> {
            guard let user = try tx.users.withEmail(person.email) else {
                throw StoreError(
                    .notFound, "\(person.email), who belongs to the sample, is gone.",
                    entity: User.entityName)
            }
            return user.id
        }
        organizationID = organization
        adminID = try find(.admin)
        dataScientistID = try find(.dataScientist)
        engineerID = try find(.engineer)
        workspace = Workspace(
            store: store, organizationID: organization, actor: .user(adminID))
        counts = try Self.counts(in: tx.scoped(to: organization, as: .user(adminID)))
    }

    private static func counts(in tx: any Transaction) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        func count<Record: TableMapped>(_ type: Record.Type) throws {
            counts[Record.table.name] = try tx.repository(of: type).count()
        }
        try count(User.self)
        try count(Organization.self)
        try count(OrganizationMembership.self)
        try count(Project.self)
        try count(ProjectMember.self)
        try count(Model.self)
        try count(ModelVersion.self)
        try count(Experiment.self)
        try count(ExperimentRun.self)
        try count(RunMetric.self)
        try count(Deployment.self)
        try count(DeploymentHistoryEntry.self)
        try count(ModelMonitoring.self)
        try count(DataDriftReport.self)
        try count(Alert.self)
        try count(APIKey.self)
        try count(NotificationChannel.self)
        try count(NotificationRule.self)
        try count(AuditLog.self)
        return counts
    }
}
