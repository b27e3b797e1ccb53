public import Foundation

/// One organization of a store, seen by one principal.
public struct Workspace: Sendable {
    package let store: any StoreBackend
    /// The organization; no other one's rows can be reached.
    public let organizationID: Identifier<Organization>
    /// Who acts.
    public let principal: Principal
    /// Where the request came from that is served with it, for the audit trail.
    public var origin: RequestOrigin?

    /// The time by the store's clock, which stamps every row.
    public var now: Date { store.clock() }

    package var access: Access {
        Access(organizationID: organizationID, principal: principal, origin: origin)
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
    /// On SQLite the transaction takes the write lock first, so another writer cannot make it fail
    /// half-way, and the body runs once. On PostgreSQL writers run concurrently, and a body may run
    /// again from its beginning, a bounded number of times. It runs again after a deadlock or a
    /// serialization failure (`PostgresConfiguration.retries`), and once after a row changed that
    /// the body had read. The body should do nothing outside the database that must not happen
    /// twice.
    ///
    /// - Throws: what the body throws; `.busy`, `.diskFull`, `.readOnly`, `.closed`;
    ///   `CancellationError`. On PostgreSQL also `.serializationFailure`, when others were in the
    ///   way each time; `.connectionLost`, when nothing was kept; `.commitUnknown`, when the
    ///   connection was lost or the disk failed during the commit, so that everything was kept or
    ///   nothing: read before you repeat.
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
    public var users: Records<User> { Records(self) }
    /// The organization itself.
    public var organizations: Records<Organization> { Records(self) }
    /// Who belongs to the organization.
    public var memberships: Records<OrganizationMembership> {
        Records(self)
    }
    /// Projects.
    public var projects: Records<Project> { Records(self) }
    /// Who belongs to a project.
    public var projectMembers: Records<ProjectMember> {
        Records(self)
    }
    /// Registered models.
    public var models: Records<Model> { Records(self) }
    /// Versions of models.
    public var modelVersions: Records<ModelVersion> { Records(self) }
    /// Experiments.
    public var experiments: Records<Experiment> { Records(self) }
    /// Runs.
    public var runs: Records<ExperimentRun> { Records(self) }
    /// Points of metrics.
    public var metrics: Records<RunMetric> { Records(self) }
    /// Deployments.
    public var deployments: Records<Deployment> { Records(self) }
    /// What happened to deployments.
    public var deploymentHistory: Records<DeploymentHistoryEntry> {
        Records(self)
    }
    /// Measurements of deployments.
    public var monitoring: Records<ModelMonitoring> { Records(self) }
    /// Drift reports.
    public var driftReports: Records<DataDriftReport> { Records(self) }
    /// Alerts.
    public var alerts: Records<Alert> { Records(self) }
    /// Keys of programs.
    public var apiKeys: Records<APIKey> { Records(self) }
    /// Where notifications go.
    public var notificationChannels: Records<NotificationChannel> {
        Records(self)
    }
    /// What is notified where.
    public var notificationRules: Records<NotificationRule> {
        Records(self)
    }
    /// The audit trail.
    public var auditLogs: Records<AuditLog> { Records(self) }
}
