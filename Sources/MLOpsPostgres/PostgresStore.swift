public import Foundation
public import Logging
public import MLOpsCore
import Synchronization

/// A store on a PostgreSQL server, version 15 or later.
///
/// Workspaces use the role of the store's URL, which row-level security holds to one organization
/// at a time; system access uses ``PostgresConfiguration/systemURL``. ``PostgresRoles`` makes both.
///
/// Transactions write at the isolation level READ COMMITTED and read one snapshot. One that others
/// kept from ending (a deadlock, a serialization failure, a row that changed after the body read
/// it) is run again, so that a body may run more than once: it should do nothing outside the
/// database that must not happen twice.
public final class PostgresStore: Store {
    let configuration: PostgresConfiguration
    /// What API keys are hashed and secrets sealed with.
    public let keys: StoreKeys
    let tenants: ConnectionPool<PostgresConnection>
    private let systems: ConnectionPool<PostgresConnection>
    /// Work from synchronous code, in its order, whatever the tasks do.
    private let tenantQueue: ConnectionQueue<PostgresConnection>
    private let systemQueue: ConnectionQueue<PostgresConnection>
    private let isClosed = Mutex(false)

    /// Where artifacts are kept: in ``PostgresConfiguration/artifacts``.
    public let artifacts: ArtifactStore

    /// The logger of the configuration.
    public var logger: Logger { configuration.logger }

    /// The clock of the configuration.
    public var clock: @Sendable () -> Date { configuration.clock }

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
            try await store.prepare()
        } catch {
            try? await store.close()
            throw error
        }
        return store
    }

    private init(_ url: String, _ configuration: PostgresConfiguration, _ keys: StoreKeys) {
        self.configuration = configuration
        self.keys = keys
        func opening(
            _ url: String, crossing: Bool
        ) -> @Sendable (Interruption) throws -> PostgresConnection {
            { interruption in
                let connection = try PostgresConnection(
                    url, configuration: configuration, interruption: interruption)
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
                label: label, minimum: configuration.minimumConnections,
                maximum: configuration.maximumConnections,
                acquireTimeout: configuration.acquireTimeout, idleLimit: configuration.idleLimit,
                lifetime: configuration.lifetime, checkAfter: configuration.checkAfter, open: open)
        }
        let tenant = opening(url, crossing: false)
        let system = opening(configuration.systemURL ?? url, crossing: true)
        tenants = pool("mlops.postgres", tenant)
        systems = pool("mlops.postgres.system", system)
        tenantQueue = ConnectionQueue(label: "mlops.postgres.submit", open: tenant)
        systemQueue = ConnectionQueue(label: "mlops.postgres.submit.system", open: system)
        artifacts = ArtifactStore(directory: configuration.artifacts)
    }

    /// Migrates, or looks whether somebody has to.
    private func prepare() async throws {
        if configuration.migratesOnOpen {
            _ = try await migrate()
        } else if configuration.requiresCurrentSchema {
            let version = try await maintain { migrator, _ in try migrator.version() }
            guard version == PostgresConnection.migrations.count else {
                throw StoreError(
                    .schemaTooOld,
                    "The database is at schema version \(version) of "
                        + "\(PostgresConnection.migrations.count); run `mlops db migrate`.")
            }
        }
        tenants.warmUp()
    }

    deinit {
        tenants.closeIdle()
        systems.closeIdle()
        tenantQueue.closeSoon()
        systemQueue.closeSoon()
    }

    // MARK: Transactions

    /// See ``/MLOpsCore/Workspace/write(_:)`` and ``/MLOpsCore/Workspace/read(_:)``.
    public func transact<Value: Sendable>(
        writing: Bool, as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try checkOpen()
        let pool = access.organizationID == nil ? systems : tenants
        let (clock, keys) = (configuration.clock, keys)
        var attempts = Attempts(limit: configuration.retries)
        while true {
            do {
                return try await pool.with { [locksReads = attempts.locksReads] lane in
                    try await lane.run { connection in
                        try connection.transact(
                            writing ? .write : .read, as: access, at: clock(),
                            interruption: lane.interruption, keys: keys, locksReads: locksReads,
                            body)
                    }
                }
            } catch {
                guard let pause = attempts.pause(after: error) else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// See ``/MLOpsCore/Store/submit(as:_:completion:)``.
    public func submit(
        as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Void,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        guard (try? checkOpen()) != nil else {
            completion(.failure(StoreError.storeIsClosed))
            return
        }
        let queue = access.organizationID == nil ? systemQueue : tenantQueue
        let (clock, retries, keys) = (configuration.clock, configuration.retries, keys)
        queue.submit(
            { connection in
                var attempts = Attempts(limit: retries)
                while true {
                    do {
                        return try connection.transact(
                            .write, as: access, at: clock(), interruption: queue.interruption,
                            keys: keys, locksReads: attempts.locksReads, body)
                    } catch {
                        guard let pause = attempts.pause(after: error) else { throw error }
                        Thread.sleep(forTimeInterval: pause.timeInterval)
                    }
                }
            }, completion: completion)
    }

    private func checkOpen() throws {
        if isClosed.withLock({ $0 }) { throw StoreError.storeIsClosed }
    }

    /// Finishes what was begun and closes every connection; closing twice is allowed.
    ///
    /// A run that this program still logs keeps its points and ends as failed.
    public func close() async throws {
        await OpenLoggers.endAll(of: self)
        let wasClosed = isClosed.withLock { closed in
            defer { closed = true }
            return closed
        }
        guard !wasClosed else { return }
        await tenants.close()
        await systems.close()
        await tenantQueue.close()
        await systemQueue.close()
    }
}

// MARK: - The schema

extension PostgresStore {
    private func maintain<Value: Sendable>(
        _ body:
            @escaping @Sendable (Migrator<PostgresConnection>, PostgresConnection) throws -> Value
    ) async throws -> Value {
        try checkOpen()
        let now = configuration.clock()
        return try await tenants.with { lane in
            try await lane.run { connection in
                try body(
                    Migrator(connection, migrations: PostgresConnection.migrations, now: now),
                    connection)
            }
        }
    }

    /// The migrations of the library and which of them are applied.
    public func migrationStatus() async throws -> [MigrationStatus] {
        try await maintain { migrator, _ in try migrator.status() }
    }

    /// Applies pending migrations; returns their versions.
    ///
    /// Programs that start together do it once: each migration runs under a lock of the database.
    /// The roles of ``PostgresRoles`` may use what it makes, as if they had been set up after it.
    public func migrate() async throws -> [Int] {
        try await maintain { migrator, connection in
            let done = try migrator.migrate()
            if !done.isEmpty { try connection.restrictGrants() }
            return done
        }
    }

    /// Takes migrations back, newest first, down to a version; their tables and rows are lost.
    ///
    /// - Returns: The versions taken back.
    /// - Throws: `.invalidValue` for a version that does not exist.
    public func rollBack(toVersion version: Int) async throws -> [Int] {
        try await maintain { migrator, _ in try migrator.rollback(to: version) }
    }

    /// Compares every table, column, constraint, index, trigger and policy with what the
    /// migrations produce.
    ///
    /// The role needs to be allowed to create a schema; it is not kept.
    public func verify() async throws -> VerificationReport {
        let version = try await maintain { migrator, _ in try migrator.version() }
        return try await tenants.with { lane in
            try await lane.run { connection in
                let expected = try connection.expectedCatalogue(version: version)
                return VerificationReport(
                    schemaVersion: version,
                    problems: try connection.catalogue().differences(from: expected))
            }
        }
    }
}

/// Whether a transaction that others were in the way of is run again.
private struct Attempts {
    let limit: Int
    private var failures = 0
    /// Set after a change that came too late: what the body reads is locked from now on.
    private(set) var locksReads = false

    init(limit: Int) { self.limit = limit }

    /// How long to wait before the next attempt; `nil` when the error is the caller's.
    mutating func pause(after error: any Error) -> Duration? {
        guard let error = error as? StoreError, failures < limit else { return nil }
        switch error.code {
        case .conflict where error.field == "revision" && !locksReads:
            // If the body itself has read the old row, it reads the new one then; if not, the
            // second conflict is the caller's.
            locksReads = true
            return .zero
        case .serializationFailure:
            failures += 1
            // Longer each time, and never the same for two that were in each other's way.
            return .milliseconds(Int.random(in: 1...(10 << min(failures, 6))))
        default: return nil
        }
    }
}
