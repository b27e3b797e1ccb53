/// The repositories inside one transaction.
///
/// A transaction is valid only inside the body that receives it. It is not `Sendable`: it cannot
/// leave the body, and the body cannot await.
public protocol Transaction {
    /// The organization whose rows it sees, or `nil` under system access.
    var organizationID: Identifier<Organization>? { get }

    /// Who acts, or `nil` under system access.
    var principal: Principal? { get }

    /// People who can belong to organizations.
    var users: any UserRepository { get }
    /// Tenants.
    var organizations: any OrganizationRepository { get }
    /// Who belongs to an organization, in which role.
    var memberships: any OrganizationMembershipRepository { get }
    /// Projects.
    var projects: any ProjectRepository { get }
    /// Who belongs to a project, in which role.
    var projectMembers: any ProjectMemberRepository { get }
    /// Registered models.
    var models: any ModelRepository { get }
    /// Versions of models.
    var modelVersions: any ModelVersionRepository { get }
    /// Experiments.
    var experiments: any ExperimentRepository { get }
    /// Runs of experiments.
    var runs: any ExperimentRunRepository { get }
    /// Points of the metrics of runs.
    var metrics: any RunMetricRepository { get }
    /// Deployments of model versions.
    var deployments: any DeploymentRepository { get }
    /// What happened to deployments.
    var deploymentHistory: any DeploymentHistoryRepository { get }
    /// Measurements of deployments.
    var monitoring: any ModelMonitoringRepository { get }
    /// Reports on the drift of deployments' data.
    var driftReports: any DataDriftReportRepository { get }
    /// Alerts.
    var alerts: any AlertRepository { get }
    /// Keys of programs.
    var apiKeys: any APIKeyRepository { get }
    /// Where notifications go.
    var notificationChannels: any NotificationChannelRepository { get }
    /// What is notified where.
    var notificationRules: any NotificationRuleRepository { get }
    /// The audit trail.
    var auditLogs: any AuditLogRepository { get }

    /// Runs the body inside a savepoint: when it throws, only what it did is undone, and the error
    /// passes through.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value

    /// The same transaction, seen as one organization by one principal. Only under system access.
    ///
    /// - Throws: `.permissionDenied` inside a workspace.
    func scoped(to organization: Identifier<Organization>, as principal: Principal) throws
        -> any Transaction

    /// The same transaction, seen as one organization by nobody. Only under system access, where an
    /// id alone does not say whose row is meant: a database may hold it in two organizations.
    ///
    /// - Throws: `.permissionDenied` inside a workspace.
    func scoped(to organization: Identifier<Organization>) throws -> any Transaction
}

/// Who acts in a workspace.
public enum Principal: Sendable, Hashable {
    /// A person.
    case user(Identifier<User>)
    /// A program, with a key that belongs to a person.
    case apiKey(Identifier<APIKey>, user: Identifier<User>)

    /// The person, whether they act themselves or through a key.
    public var userID: Identifier<User> {
        switch self {
        case .user(let id): id
        case .apiKey(_, let user): user
        }
    }
}

extension Transaction {
    /// The repository of an entity, by its type.
    public func repository<Record: Entity>(
        of type: Record.Type
    ) throws -> any Repository<Record> { try Record.repository(in: self) }

    /// The repository of an entity that can change, by its type.
    public func repository<Record: Mutable>(
        of type: Record.Type
    ) throws -> any MutableRepository<Record> { try Record.mutableRepository(in: self) }

    /// The repository of an entity that can be deleted, by its type.
    public func repository<Record: SoftDeletable>(
        of type: Record.Type
    ) throws -> any SoftDeletableRepository<Record> {
        try Record.softDeletableRepository(in: self)
    }

    /// What is there, or else what is inserted; another transaction may insert it in between.
    func findOrInsert<Value>(
        _ find: () throws -> Value?, insert: () throws -> Value
    ) throws -> (value: Value, isNew: Bool) {
        if let found = try find() { return (found, false) }
        do {
            return (try savepoint(insert), true)
        } catch let error as StoreError where error.code == .alreadyExists {
            guard let found = try find() else { throw error }
            return (found, false)
        }
    }
}
