package import Foundation

/// A transaction on a connection: the scope that every statement carries, and the repositories.
package final class SQLTransaction: Transaction {
    let connection: any SQLConnection
    let access: Access
    let kind: TransactionKind
    /// The time that every row of this transaction is stamped with.
    package let now: Date
    private let state: State

    /// What a transaction shares with its scoped views.
    private final class State {
        var isOpen = true
        var savepointDepth = 0
        var didPurge = false
    }

    package init(
        _ connection: any SQLConnection, access: Access, kind: TransactionKind, now: Date
    ) {
        self.connection = connection
        self.access = access
        self.kind = kind
        self.now = now.roundedToMicroseconds
        state = State()
    }

    private init(scoping other: SQLTransaction, to access: Access) {
        connection = other.connection
        kind = other.kind
        now = other.now
        state = other.state
        self.access = access
    }

    package var organizationID: Identifier<Organization>? { access.organizationID }
    package var actor: Actor? { access.actor }

    /// Ends the use of the transaction; a repository that was kept throws from now on.
    package func close() { state.isOpen = false }

    /// Whether rows were removed, so that the backend may give space back after the commit.
    package var didPurge: Bool { state.didPurge }

    func markPurged() { state.didPurge = true }

    package func scoped(
        to organization: Identifier<Organization>, as actor: Actor
    ) throws -> any Transaction {
        guard access.organizationID == nil else {
            throw StoreError(
                .permissionDenied, "Only system access can act in another organization.")
        }
        return SQLTransaction(scoping: self, to: Access(organizationID: organization, actor: actor))
    }

    package func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try checkOpen()
        state.savepointDepth += 1
        defer { state.savepointDepth -= 1 }
        let name = "savepoint_\(state.savepointDepth)"
        try connection.execute("SAVEPOINT \(raw: name)")
        do {
            let value = try body()
            try connection.execute("RELEASE SAVEPOINT \(raw: name)")
            return value
        } catch {
            // A full disk or a lost connection has rolled everything back already; the body's
            // error is the one that says why.
            _ = try? connection.execute("ROLLBACK TO SAVEPOINT \(raw: name)")
            _ = try? connection.execute("RELEASE SAVEPOINT \(raw: name)")
            throw error
        }
    }
}

// MARK: - What the repositories use

extension SQLTransaction {
    func checkOpen() throws {
        guard state.isOpen else {
            throw StoreError(.closed, "The transaction is over; use it only inside its closure.")
        }
    }

    func checkWritable() throws {
        try checkOpen()
        guard kind == .write else {
            throw StoreError(
                .readOnly, "This transaction only reads; use `write` to change rows.")
        }
    }

    func actingUser() throws -> Identifier<User> {
        guard let actor else {
            throw StoreError(
                .permissionDenied,
                "This needs somebody who acts; use `scoped(to:as:)` under system access.")
        }
        return actor.userID
    }

    @discardableResult
    func execute(_ sql: Fragment) throws -> Int {
        try checkWritable()
        return try connection.execute(sql)
    }

    func stream(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        try checkOpen()
        try connection.query(sql) { row in
            var decoder = RowDecoder(row)
            return try body(&decoder)
        }
    }

    func rows<Value>(
        _ sql: Fragment, _ map: (inout RowDecoder) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        try stream(sql) { row in
            values.append(try map(&row))
            return true
        }
        return values
    }

    /// The integer of a statement that returns one, such as a count.
    func integer(_ sql: Fragment) throws -> Int {
        try rows(sql) { try $0.next(Int.self) }.first ?? 0
    }
}

// MARK: - The repositories

extension SQLTransaction {
    package func repository<Record: Entity>(
        of type: Record.Type
    ) throws -> any Repository<Record> {
        guard let mapped = type as? any TableMapped.Type,
            let repository = untyped(mapped) as? any Repository<Record>
        else {
            throw StoreError(.database, "There is no table of \(Record.entityName) entities.")
        }
        return repository
    }

    private func untyped<Record: TableMapped>(_ type: Record.Type) -> Any {
        SQLRepository<Record>(self)
    }

    package var users: any UserRepository { SQLRepository<User>(self) }
    package var organizations: any OrganizationRepository { SQLRepository<Organization>(self) }
    package var memberships: any OrganizationMembershipRepository {
        SQLRepository<OrganizationMembership>(self)
    }
    package var projects: any ProjectRepository { SQLRepository<Project>(self) }
    package var projectMembers: any ProjectMemberRepository { SQLRepository<ProjectMember>(self) }
    package var models: any ModelRepository { SQLRepository<Model>(self) }
    package var modelVersions: any ModelVersionRepository { SQLRepository<ModelVersion>(self) }
    package var experiments: any ExperimentRepository { SQLRepository<Experiment>(self) }
    package var runs: any ExperimentRunRepository { SQLRepository<ExperimentRun>(self) }
    package var metrics: any RunMetricRepository { SQLRepository<RunMetric>(self) }
    package var deployments: any DeploymentRepository { SQLRepository<Deployment>(self) }
    package var deploymentHistory: any DeploymentHistoryRepository {
        SQLRepository<DeploymentHistoryEntry>(self)
    }
    package var monitoring: any ModelMonitoringRepository { SQLRepository<ModelMonitoring>(self) }
    package var driftReports: any DataDriftReportRepository {
        SQLRepository<DataDriftReport>(self)
    }
    package var alerts: any AlertRepository { SQLRepository<Alert>(self) }
    package var apiKeys: any APIKeyRepository { SQLRepository<APIKey>(self) }
    package var notificationChannels: any NotificationChannelRepository {
        SQLRepository<NotificationChannel>(self)
    }
    package var notificationRules: any NotificationRuleRepository {
        SQLRepository<NotificationRule>(self)
    }
    package var auditLogs: any AuditLogRepository { SQLRepository<AuditLog>(self) }
}
