import Foundation
public import MLOpsCore

/// A store on a PostgreSQL server, version 15 or later.
///
/// Workspaces use the role of the store's URL, which row-level security limits to one organization
/// at a time. System access uses ``PostgresConfiguration/systemURL``. ``PostgresRoles`` creates
/// both roles.
///
/// Transactions write at the isolation level READ COMMITTED and read one snapshot. A transaction
/// runs again after a deadlock, a serialization failure, or a change of a row that the body had
/// read. A body may therefore run more than once: it should do nothing outside the database that
/// must not happen twice.
public final class PostgresStore: ManagedStore {
    package let configuration: PostgresConfiguration
    package let lifecycle = StoreLifecycle()
    package let keys: StoreKeys
    let tenants: ConnectionPool<PostgresConnection>
    let systems: ConnectionPool<PostgresConnection>
    /// Runs work from synchronous code in order, independently of the pools.
    private let tenantQueue: ConnectionQueue<PostgresConnection>
    private let systemQueue: ConnectionQueue<PostgresConnection>
    /// Opens a connection with the role of workspaces.
    let openTenant: @Sendable (Interruption) throws -> PostgresConnection
    /// Identifies this store's own announcements.
    let sender: String

    /// Where artifacts are kept: in ``PostgresConfiguration/artifacts``.
    public let artifacts: ArtifactStore

    /// Connects to a database, and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - url: A connection URL or string of libpq, such as
    ///     `postgresql://mlops_app@db.example.com/mlops?sslmode=verify-full`; what it leaves out
    ///     comes from the `PG*` environment and the password file.
    ///   - configuration: How the store connects and works.
    /// - Throws: `.cannotOpen`, `.schemaTooNew`, `.schemaTooOld` when it has to be migrated and
    ///   `migratesOnOpen` is off, `.migrationChanged`, `.permissionDenied` when the role may not
    ///   migrate.
    public static func open(
        _ url: String, configuration: PostgresConfiguration = PostgresConfiguration()
    ) async throws -> PostgresStore {
        let store = PostgresStore(
            url, configuration, try configuration.keys ?? .fromEnvironment())
        do {
            try await store.changingSchema { try store.prepare($0) }
            store.tenants.warmUp()
        } catch {
            try? await store.close()
            throw error
        }
        return store
    }

    /// Connects on the caller's thread: for programs that are not `async` (see `Synchronous`).
    ///
    /// - Parameters:
    ///   - url: As for ``open(_:configuration:)``.
    ///   - configuration: How the store connects and works.
    /// - Throws: What ``open(_:configuration:)`` throws.
    @available(*, noasync)
    public convenience init(
        url: String, configuration: PostgresConfiguration = PostgresConfiguration()
    ) throws {
        self.init(url, configuration, try configuration.keys ?? .fromEnvironment())
        try tenants.runHere(waiting: nil) { connection, _ in try prepare(connection) }
        tenants.warmUp()
    }

    private func prepare(_ connection: any SQLConnection) throws {
        try Migrator(connection, now: configuration.clock())
            .prepare(configuration, name: "The database")
    }

    private init(_ url: String, _ configuration: PostgresConfiguration, _ keys: StoreKeys) {
        self.configuration = configuration
        self.keys = keys
        let (lifecycle, sender) = (lifecycle, UUID().uuidString)
        self.sender = sender
        func opening(
            _ url: String, crossing: Bool
        ) -> @Sendable (Interruption) throws -> PostgresConnection {
            { interruption in
                let connection = try PostgresConnection(
                    url, configuration: configuration, interruption: interruption,
                    sender: sender)
                if crossing, try !connection.crossesOrganizations() {
                    throw StoreError(
                        .permissionDenied,
                        "This role may not cross organizations; set `systemURL` to a role with "
                            + "BYPASSRLS.")
                }
                return connection
            }
        }
        func pool(
            _ label: String, _ open: @escaping @Sendable (Interruption) throws -> PostgresConnection
        ) -> ConnectionPool<PostgresConnection> {
            ConnectionPool(
                label: label, of: lifecycle, minimum: configuration.minimumConnections,
                maximum: configuration.maximumConnections,
                acquireTimeout: configuration.acquireTimeout, idleLimit: configuration.idleLimit,
                lifetime: configuration.lifetime, checkAfter: configuration.checkAfter, open: open)
        }
        let tenant = opening(url, crossing: false)
        let system = opening(configuration.systemURL ?? url, crossing: true)
        tenants = pool("mlops.postgres", tenant)
        systems = pool("mlops.postgres.system", system)
        openTenant = tenant
        tenantQueue = ConnectionQueue(label: "mlops.postgres.submit", of: lifecycle, open: tenant)
        systemQueue = ConnectionQueue(
            label: "mlops.postgres.submit.system", of: lifecycle, open: system)
        artifacts = ArtifactStore(directory: configuration.artifacts)
    }

    deinit {
        tenants.closeIdle()
        systems.closeIdle()
        tenantQueue.closeSoon()
        systemQueue.closeSoon()
    }

    // MARK: Transactions

    package func transact<Value: Sendable>(
        writing: Bool, as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try lifecycle.checkOpen()
        var attempts = Attempts(limit: configuration.retries)
        while true {
            do {
                return try await pool(for: access).with {
                    [locksReads = attempts.locksReads] queue in
                    try await queue.run { [self] connection in
                        try connection.transact(
                            writing ? .write : .read, as: access, in: self,
                            interruption: queue.interruption, locksReads: locksReads, body)
                    }
                }
            } catch {
                guard let pause = attempts.pause(after: error) else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }

    package func transactHere(
        writing: Bool, as access: Access, waiting limit: Duration?,
        _ body: (any Transaction) throws -> Void
    ) throws {
        try lifecycle.checkMayWait()
        try repeating { locksReads in
            try pool(for: access).runHere(waiting: limit) { connection, interruption in
                try connection.transact(
                    writing ? .write : .read, as: access, in: self, interruption: interruption,
                    locksReads: locksReads, body)
            }
        }
    }

    package func submit(
        as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Void,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        guard (try? lifecycle.checkOpen()) != nil else {
            completion(.failure(StoreError.storeIsClosed))
            return
        }
        let queue = access.organizationID == nil ? systemQueue : tenantQueue
        queue.submit(
            { [self] connection in
                try repeating { locksReads in
                    try connection.transact(
                        .write, as: access, in: self, interruption: queue.interruption,
                        locksReads: locksReads, body)
                }
            }, completion: completion)
    }

    private func pool(for access: Access) -> ConnectionPool<PostgresConnection> {
        access.organizationID == nil ? systems : tenants
    }

    /// Runs a transaction on this thread, and again after a conflict with others.
    private func repeating<Value>(_ transaction: (_ locksReads: Bool) throws -> Value) throws
        -> Value
    {
        var attempts = Attempts(limit: configuration.retries)
        while true {
            do {
                return try transaction(attempts.locksReads)
            } catch {
                guard let pause = attempts.pause(after: error) else { throw error }
                Thread.sleep(forTimeInterval: pause.timeInterval)
            }
        }
    }

    package func changingSchema<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try lifecycle.checkOpen()
        return try await tenants.with { try await $0.run { try body($0) } }
    }

    package func readingWhole<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value { try await changingSchema(body) }

    package func closeConnections() async {
        await tenants.close()
        await systems.close()
        await tenantQueue.close()
        await systemQueue.close()
    }
}

/// Decides whether a transaction that conflicted with others runs again.
private struct Attempts {
    let limit: Int
    private var failures = 0
    /// Set after a revision conflict: from then on, rows that the body reads are locked.
    private(set) var locksReads = false

    init(limit: Int) { self.limit = limit }

    /// How long to wait before the next attempt; `nil` when the caller gets the error.
    mutating func pause(after error: any Error) -> Duration? {
        guard let error = error as? StoreError, failures < limit else { return nil }
        switch error.code {
        case .conflict where error.field == "revision" && !locksReads:
            // If the body itself read the old row, it now reads the new one. Otherwise the conflict
            // repeats, and the caller gets it.
            locksReads = true
            return .zero
        case .serializationFailure:
            failures += 1
            // Grows with each failure, and is random, so that two transactions do not collide
            // again.
            return .milliseconds(Int.random(in: 1...(10 << min(failures, 6))))
        default: return nil
        }
    }
}
