package import Foundation
package import Logging

/// A store that is a connection, a dialect and a configuration; the rest is here.
package protocol ManagedStore: StoreBackend {
    associatedtype Configuration: StoreConfiguration

    var configuration: Configuration { get }

    /// Runs a body on a connection that may change the schema.
    func changingSchema<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Runs a body that reads the whole database, while others read and write.
    func readingWhole<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Closes every connection when what was begun is done.
    func closeConnections() async
}

extension ManagedStore {
    /// See ``Store/clock``.
    public var clock: @Sendable () -> Date { configuration.clock }

    package var logger: Logger { configuration.logger }
    package var auditedAccess: AuditedAccess { configuration.auditedAccess }

    private func migrator(_ connection: any SQLConnection) -> Migrator {
        Migrator(connection, now: configuration.clock())
    }

    /// See ``Store/migrationStatus()``.
    public func migrationStatus() async throws -> [MigrationStatus] {
        try await changingSchema { [self] in try migrator($0).status() }
    }

    /// See ``Store/migrate()``.
    public func migrate() async throws -> [Int] {
        defer { lifecycle.changes.publish(.everything) }
        return try await changingSchema { [self] in try migrator($0).migrate() }
    }

    /// See ``Store/revertMigrations(to:)``.
    public func revertMigrations(to version: Int) async throws -> [Int] {
        defer { lifecycle.changes.publish(.everything) }
        return try await changingSchema { [self] in try migrator($0).rollback(to: version) }
    }

    /// See ``Store/rowsLost(revertingTo:)``.
    public func rowsLost(revertingTo version: Int) async throws -> [String: Int] {
        let applied = try await changingSchema { [self] in try migrator($0).version() }
        return try await withSystemAccess(reason: "to count what a rollback takes") { access in
            try await access.engine(writing: false) { tx in
                let migrations = type(of: tx.connection).migrations.prefix(applied)
                let tables = migrations.dropFirst(max(0, version)).flatMap(\.tables)
                let counts = try tables.map { table in
                    (table, try tx.integer("SELECT count(*) FROM \(raw: table)"))
                }
                return Dictionary(uniqueKeysWithValues: counts.filter { $0.1 > 0 })
            }
        }
    }

    /// See ``Store/verify()``.
    public func verify() async throws -> VerificationReport {
        try await readingWhole { [self] in try migrator($0).verify() }
    }

    /// See ``Store/close()``.
    public func close() async throws { await lifecycle.close { await closeConnections() } }
}

extension Migrator {
    /// Compares the database with what the migrations produce.
    package func verify() throws -> VerificationReport {
        let version = try version()
        let expected = try connection.expectedCatalogue(version: version)
        return VerificationReport(
            schemaVersion: version,
            problems: try connection.damage() + connection.catalogue().differences(from: expected))
    }

    /// Brings a database that is being opened up to date, or refuses an old one.
    ///
    /// - Parameter name: The database in messages.
    /// - Throws: `.schemaTooOld`; what ``migrate(to:)`` throws.
    package func prepare(_ configuration: some StoreConfiguration, name: String) throws {
        if configuration.migratesOnOpen {
            _ = try migrate()
        } else if configuration.requiresCurrentSchema {
            let version = try version()
            guard version == migrations.count else {
                throw StoreError(
                    .schemaTooOld,
                    "\(name) is at schema version \(version) of \(migrations.count); "
                        + "run `mlops db migrate`.")
            }
        }
    }
}
