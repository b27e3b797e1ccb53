/// One organization of a store, seen by one actor.
public struct Workspace: Sendable {
    /// The store.
    public let store: any Store
    /// The organization; no other one's rows can be reached.
    public let organizationID: Identifier<Organization>
    /// Who acts.
    public let actor: Actor
    /// Where the request came from that is served with it, for the audit trail.
    public var origin: RequestOrigin?

    package var access: Access {
        Access(organizationID: organizationID, actor: actor, origin: origin)
    }

    /// The same workspace while it serves a request.
    public func serving(_ origin: RequestOrigin) -> Workspace {
        var workspace = self
        workspace.origin = origin
        return workspace
    }

    /// Runs a body in one transaction that may write.
    ///
    /// When the body throws, or the task is cancelled, nothing is kept and the error passes through
    /// unchanged.
    ///
    /// On SQLite the transaction begins with the write lock, so it never fails half-way for another
    /// writer's sake, and the body runs once. On PostgreSQL writers work side by side, and a body
    /// may run more than once, from its beginning and a bounded number of times: after a deadlock
    /// or a serialization failure (`PostgresConfiguration.retries`), and once after a row that
    /// changed since the body read it. It should do nothing outside the database that must not
    /// happen twice.
    ///
    /// - Throws: what the body throws; `.busy`, `.diskFull`, `.readOnly`, `.closed`;
    ///   `CancellationError`. On PostgreSQL also `.serializationFailure`, when others were in the
    ///   way each time; `.connectionLost`, when nothing was kept; `.commitUnknown`, when the
    ///   connection was lost during the commit, so that everything was kept or nothing: read before
    ///   you repeat.
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: true, as: access, body)
    }

    /// Runs a body on one snapshot: it sees one state of the database, whatever is written
    /// meanwhile.
    ///
    /// On PostgreSQL a body may run more than once, as that of ``write(_:)`` may.
    ///
    /// - Throws: what the body throws; `.readOnly` when it writes; `.snapshotExpired` when it has
    ///   held the snapshot for so long that the WAL outgrew its budget; `.busy`, `.closed`;
    ///   `CancellationError`. On PostgreSQL also `.serializationFailure` and `.connectionLost`.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await store.transact(writing: false, as: access, body)
    }
}

extension Workspace {
    /// People of the organization.
    public var users: Records<User> { Records(self) { $0.users.generic } }
    /// The organization itself.
    public var organizations: Records<Organization> { Records(self) { $0.organizations.generic } }
    /// Who belongs to the organization.
    public var memberships: Records<OrganizationMembership> {
        Records(self) { $0.memberships.generic }
    }
    /// Projects.
    public var projects: Records<Project> { Records(self) { $0.projects.generic } }
    /// Who belongs to a project.
    public var projectMembers: Records<ProjectMember> {
        Records(self) { $0.projectMembers.generic }
    }
    /// Registered models.
    public var models: Records<Model> { Records(self) { $0.models.generic } }
    /// Versions of models.
    public var modelVersions: Records<ModelVersion> { Records(self) { $0.modelVersions.generic } }
    /// Experiments.
    public var experiments: Records<Experiment> { Records(self) { $0.experiments.generic } }
    /// Runs.
    public var runs: Records<ExperimentRun> { Records(self) { $0.runs.generic } }
    /// Points of metrics.
    public var metrics: Records<RunMetric> { Records(self) { $0.metrics.generic } }
    /// Deployments.
    public var deployments: Records<Deployment> { Records(self) { $0.deployments.generic } }
    /// What happened to deployments.
    public var deploymentHistory: Records<DeploymentHistoryEntry> {
        Records(self) { $0.deploymentHistory.generic }
    }
    /// Measurements of deployments.
    public var monitoring: Records<ModelMonitoring> { Records(self) { $0.monitoring.generic } }
    /// Drift reports.
    public var driftReports: Records<DataDriftReport> { Records(self) { $0.driftReports.generic } }
    /// Alerts.
    public var alerts: Records<Alert> { Records(self) { $0.alerts.generic } }
    /// Keys of programs.
    public var apiKeys: Records<APIKey> { Records(self) { $0.apiKeys.generic } }
    /// Where notifications go.
    public var notificationChannels: Records<NotificationChannel> {
        Records(self) { $0.notificationChannels.generic }
    }
    /// What is notified where.
    public var notificationRules: Records<NotificationRule> {
        Records(self) { $0.notificationRules.generic }
    }
    /// The audit trail.
    public var auditLogs: Records<AuditLog> { Records(self) { $0.auditLogs.generic } }
}
