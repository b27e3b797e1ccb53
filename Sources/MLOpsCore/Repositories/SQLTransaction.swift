package import Foundation

/// A transaction on a connection, with the scope of its statements and its repositories.
package final class SQLTransaction: Transaction {
    let connection: any SQLConnection
    let access: Access
    let kind: TransactionKind
    /// The time stamp of every row that this transaction writes.
    package let now: Date
    /// Whether a found row is locked, so that no other transaction changes it before its update.
    let locksReads: Bool
    /// The keys that seal secrets.
    let keys: StoreKeys
    /// Which attempts to reach something are recorded.
    let auditedAccess: AuditedAccess
    let rules: RuleCache
    private let state: State

    /// The state that a transaction shares with its scoped views.
    private final class State {
        var isOpen = true
        var savepointDepth = 0
        /// The error of a refused statement; nothing since the last savepoint can be kept.
        var failure: (any Error)?
        var didPurge = false
        /// The rights of the workspace's principal.
        var authority: Authority?
        /// The buffered entries of the audit trail.
        var trail: [AuditLog] = []
        var changes = Changes()
        /// The policies of deployments whose measurements were inserted.
        var monitoringPolicies: [TenantRow<Deployment>: MonitoringPolicy] = [:]
        var tablesRead: TableSet = []
    }

    package init(
        _ connection: any SQLConnection, access: Access, kind: TransactionKind, now: Date,
        keys: StoreKeys, auditedAccess: AuditedAccess = [], locksReads: Bool = false,
        rules: RuleCache = RuleCache()
    ) {
        self.rules = rules
        self.locksReads = locksReads
        self.connection = connection
        self.access = access
        self.kind = kind
        self.now = now.roundedToMicroseconds
        self.keys = keys
        self.auditedAccess = auditedAccess
        state = State()
    }

    private init(_ other: SQLTransaction, as access: Access, at now: Date) {
        connection = other.connection
        kind = other.kind
        keys = other.keys
        auditedAccess = other.auditedAccess
        locksReads = other.locksReads
        rules = other.rules
        state = other.state
        self.now = now.roundedToMicroseconds
        self.access = access
    }

    /// This transaction without permission checks, which were made before.
    var unrestricted: SQLTransaction {
        access.isTrusted ? self : SQLTransaction(self, as: access.trusted, at: now)
    }

    package var organizationID: Identifier<Organization>? { access.organizationID }
    package var principal: Principal? { access.principal }

    /// What is watched of a deployment, read once; nothing of one that is absent.
    func monitoringPolicy(of id: Identifier<Deployment>) throws -> MonitoringPolicy {
        let row = TenantRow(id, of: organizationID ?? .unassigned)
        if let known = state.monitoringPolicies[row] { return known }
        let deployments = SQLRepository<Deployment>(unrestricted)
        // Nobody could take the policy of a terminated deployment away again.
        func stored() throws -> MonitoringPolicy {
            let deployment = try deployments.findIfExists(id)
            guard let deployment, deployment.status != .terminated else {
                return MonitoringPolicy()
            }
            return deployment.monitoringPolicy
        }
        var policy = try stored()
        if policy != MonitoringPolicy() {
            // Two that insert at once would not see each other's measurements.
            try deployments.lock(id)
            policy = try stored()
        }
        state.monitoringPolicies[row] = policy
        return policy
    }

    func forgetMonitoringPolicy(of deployment: Deployment) {
        state.monitoringPolicies[TenantRow(deployment.id, of: deployment.organizationID)] = nil
    }

    /// Ends the use of the transaction; repositories throw `.closed` from now on.
    package func close() { state.isOpen = false }

    /// Whether rows were purged, so that the backend may free space after the commit.
    package var didPurge: Bool { state.didPurge }

    func markPurged() { state.didPurge = true }

    /// The changes made so far.
    package var changes: Changes { state.changes }

    /// The tables that were read, if the access records them.
    package var tablesRead: TableSet { state.tablesRead }

    package func scoped(
        to organization: Identifier<Organization>, as principal: Principal
    ) throws -> any Transaction {
        try scoped(to: organization, as: principal, at: now)
    }

    /// The same transaction at another time.
    package func at(_ now: Date) -> SQLTransaction { SQLTransaction(self, as: access, at: now) }

    /// The same transaction in one organization and at another time.
    package func scoped(
        to organization: Identifier<Organization>, as principal: Principal, at now: Date
    ) throws -> SQLTransaction {
        guard access.organizationID == nil else {
            throw StoreError(
                .permissionDenied, "Only system access can act in another organization.")
        }
        var access = Access(organizationID: organization, principal: principal)
        (access.recordsReads, access.reason) = (self.access.recordsReads, self.access.reason)
        return SQLTransaction(self, as: access.trusted, at: now)
    }

    package func scoped(
        to organization: Identifier<Organization>
    ) throws -> any Transaction {
        guard access.isTrusted, access.organizationID == nil else {
            throw StoreError(
                .permissionDenied, "Only system access can act in another organization.")
        }
        return within(organization)
    }

    /// A system transaction that sees one organization alone, by nobody.
    func within(_ organization: Identifier<Organization>) -> SQLTransaction {
        SQLTransaction(self, as: access.within(organization), at: now)
    }

    /// A system transaction with the rights of one workspace.
    ///
    /// - Throws: `.permissionDenied` when its principal may not act in the organization.
    func acting(in workspace: Workspace) throws -> SQLTransaction {
        let scoped = SQLTransaction(self, as: workspace.access, at: now)
        try scoped.authorize()
        return scoped
    }

    package func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try checkOpen()
        state.savepointDepth += 1
        defer { state.savepointDepth -= 1 }
        let name = "savepoint_\(state.savepointDepth)"
        let (trail, changes, policies) = (state.trail, state.changes, state.monitoringPolicies)
        try connection.execute("SAVEPOINT \(raw: name)")
        do {
            let value = try body()
            try checkUnbroken()
            try connection.execute("RELEASE SAVEPOINT \(raw: name)")
            return value
        } catch {
            // A policy that was set or locked since is neither.
            (state.trail, state.changes, state.monitoringPolicies) = (trail, changes, policies)
            do {
                try connection.execute("ROLLBACK TO SAVEPOINT \(raw: name)")
                try connection.execute("RELEASE SAVEPOINT \(raw: name)")
                state.failure = nil
            } catch _ {
                // A full disk or a lost connection has already rolled back the transaction, so
                // nothing may follow. The body's error has the cause.
                state.failure = error
            }
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
        try checkUnbroken()
    }

    /// Throws the error of a statement that the database refused since the last savepoint.
    ///
    /// PostgreSQL runs no further statement before a rollback. On SQLite half a change would be
    /// kept, so the rule is the same.
    ///
    /// - Throws: The error of the refused statement, even if the body has caught it.
    func checkUnbroken() throws {
        if let failure = state.failure { throw failure }
    }

    /// Marks the transaction as broken by a refused statement, and returns the error to throw.
    func refused(_ error: any Error) -> any Error {
        state.failure = error
        return error
    }

    func checkWritable() throws {
        try checkOpen()
        guard kind == .write else {
            throw StoreError(
                .readOnly, "This transaction only reads; use `write` to change rows.")
        }
    }

    /// The rights of the principal; `nil` when permissions are not checked.
    ///
    /// - Throws: `.permissionDenied` when the rights were not read.
    func authority() throws -> Authority? {
        if access.isTrusted { return nil }
        guard let authority = state.authority else { throw Authority.unknown }
        return authority
    }

    /// Reads the rights of the principal, as the transaction's first statement.
    package func authorize() throws {
        guard !access.isTrusted else { return }
        state.authority = try readAuthority()
    }

    /// Changes the buffered audit entries in place.
    ///
    /// A property with a getter and a setter would copy all entries for each one added.
    package func withTrail<Value>(_ body: (inout [AuditLog]) throws -> Value) rethrows -> Value {
        try body(&state.trail)
    }

    func actingUser() throws -> Identifier<User> {
        guard let principal else {
            throw StoreError(
                .permissionDenied,
                "This needs somebody who acts; use `scoped(to:as:)` under system access.")
        }
        return principal.userID
    }

    @discardableResult
    package func execute(_ sql: Fragment) throws -> Int {
        try checkWritable()
        do {
            let count = try connection.execute(sql)
            if count > 0 { try noteChange(by: sql) }
            return count
        } catch {
            throw refused(error)
        }
    }

    /// See ``SQLConnection/insertRows(_:count:row:)``.
    ///
    /// - Parameter organization: The organization of the rows; `nil` for several or none.
    func insertRows(
        into table: Table, of organization: Identifier<Organization>?, count: Int,
        row: (Int, inout RowEncoder) throws -> Void
    ) throws {
        try checkWritable()
        if count > 0 { state.changes.insert(TableSet(table), of: organization) }
        do {
            try connection.insertRows(table.insertion, count: count, row: row)
        } catch {
            throw refused(error)
        }
    }

    private func noteChange(by sql: Fragment) throws {
        let tables = TableSet(writtenBy: try sql.text())
        if !tables.isEmpty { state.changes.insert(tables, of: organizationID) }
    }

    /// Passes each row of a result of any length to the body, which returns `false` to stop.
    func stream(_ sql: Fragment, _ body: (inout RowDecoder) throws -> Bool) throws {
        try query(sql, inBoundedMemory: true, body)
    }

    func rows<Value>(
        _ sql: Fragment, _ map: (inout RowDecoder) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        try query(sql, inBoundedMemory: false) { row in
            values.append(try map(&row))
            return true
        }
        return values
    }

    private func query(
        _ sql: Fragment, inBoundedMemory: Bool, _ body: (inout RowDecoder) throws -> Bool
    ) throws {
        try checkOpen()
        if access.recordsReads { state.tablesRead.formUnion(TableSet(namedIn: try sql.text())) }
        let hidesSecrets = organizationID != nil && !access.isTrusted
        // An error of the body is kept apart: the database has not refused the statement.
        var bodyError: (any Error)?
        var hasRows = false
        func step(_ row: inout RowDecoder) -> Bool {
            hasRows = true
            row.hidesSecrets = hidesSecrets
            do {
                return try body(&row)
            } catch {
                bodyError = error
                return false
            }
        }
        do {
            if inBoundedMemory {
                try connection.stream(sql, step)
            } else {
                try connection.query(sql, step)
            }
        } catch {
            throw refused(error)
        }
        // The statement has changed the rows that it returns (RETURNING).
        if hasRows, kind == .write { try noteChange(by: sql) }
        if let bodyError { throw bodyError }
    }

    /// The integer of a statement that returns one, such as a count.
    func integer(_ sql: Fragment) throws -> Int {
        try rows(sql) { try $0.next(Int.self) }.first ?? 0
    }
}

// MARK: - The repositories

extension SQLTransaction {
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
