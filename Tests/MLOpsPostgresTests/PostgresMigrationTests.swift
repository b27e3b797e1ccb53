import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Migrations are applied and reverted as a whole, and only once with concurrent callers.
@Suite(.onServer) struct PostgresMigrationTests {
    /// Runs a body with an empty database.
    private func withEmptyDatabase(_ body: (TestServer, String) async throws -> Void) async throws {
        let server = try #require(TestServer.shared)
        let name = "test_\(Identifier<TestServer>().description.replacing("-", with: ""))"
        try await server.run("CREATE DATABASE \(name)")
        do {
            try await body(server, name)
        } catch {
            try? await server.dropDatabase(name)
            throw error
        }
        try await server.dropDatabase(name)
    }

    /// A store of the superuser that does not migrate the schema.
    private func open(_ server: TestServer, _ database: String) async throws -> PostgresStore {
        var configuration = PostgresConfiguration()
        configuration.migratesOnOpen = false
        configuration.requiresCurrentSchema = false
        return try await PostgresStore.open(server.url(database), configuration: configuration)
    }

    /// The objects in a database, except the bookkeeping of migrations.
    private func objects(_ server: TestServer, _ database: String) async throws -> [String] {
        try await server.rows(
            """
            SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
            AND relname NOT LIKE 'schema_migrations%'
            UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
            AND typname NOT LIKE '%schema_migrations' ORDER BY 1
            """, in: database
        ).compactMap { $0[0] }
    }

    @Test func programsThatStartTogetherMigrateOnce() async throws {
        try await withEmptyDatabase { server, database in
            var stores: [PostgresStore] = []
            for _ in 0..<8 { stores.append(try await open(server, database)) }
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for store in stores { group.addTask { try await store.migrate() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == [1, 2, 3, 4])
            for store in stores { try await store.close() }
        }
    }

    @Test func downLeavesNothingBehind() async throws {
        try await withEmptyDatabase { server, database in
            let store = try await open(server, database)
            #expect(try await store.migrate() == [1, 2, 3, 4])
            let all = try await objects(server, database)
            #expect(all.count > 100)
            for version in [3, 2, 1] {
                #expect(try await store.revertMigrations(to: version) == [version + 1])
                #expect(try await store.verify().problems == [], "at \(version)")
            }
            #expect(try await store.revertMigrations(to: 0) == [1])
            #expect(try await objects(server, database) == [])
            #expect(try await store.migrate() == [1, 2, 3, 4])
            #expect(try await objects(server, database) == all)
            #expect(try await store.verify().isSound)
            await expect(.invalidValue) { _ = try await store.revertMigrations(to: 9) }
            try await store.close()
        }
    }

    @Test func aMigrationThatFailsLeavesNothing() async throws {
        try await withEmptyDatabase { server, database in
            let good = Migration(version: 1, name: "one", up: "CREATE TABLE one ()", down: "")
            let bad = Migration(
                version: 2, name: "two", up: "CREATE TABLE two (); SELECT 1 / 0", down: "")
            let version = try await server.connected(server.url(database)) { connection in
                let migrator = Migrator(connection, migrations: [good, bad], now: .now)
                #expect(throws: StoreError.self) { _ = try migrator.migrate() }
                return try migrator.version()
            }
            #expect(version == 1)
            let left = try await objects(server, database)
            #expect(left.contains("one") && !left.contains("two"))
        }
    }

    @Test(arguments: [
        (
            "UPDATE schema_migrations SET version = 99 WHERE version = 4",
            StoreError.Code.schemaTooNew
        ),
        ("UPDATE schema_migrations SET checksum = 'x' WHERE version = 2", .migrationChanged),
        ("DELETE FROM schema_migrations WHERE version = 2", .migrationChanged),
    ])
    func anotherSchemaIsRefused(_ change: String, _ code: StoreError.Code) async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            try await server.run(change, in: database)
            await expect(code) { _ = try await PostgresStore.open(server.url(database)) }
            let store = try await open(server, database)
            await expect(code) { _ = try await store.migrate() }
            await expect(code) { _ = try await store.revertMigrations(to: 0) }
            await expect(code) { _ = try await store.verify() }
            try await store.close()
        }
    }

    @Test func anOldSchemaIsRefusedWhereNobodyMigrates() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await open(server, database)
            _ = try await store.revertMigrations(to: 3)
            try await store.close()
            await expect(.schemaTooOld) {
                _ = try await server.store(database) { $0.migratesOnOpen = false }
            }
        }
    }

    @Test func verifyNamesWhatIsMissing() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await open(server, database)
            #expect(try await store.verify().isSound)
            try await server.run(
                """
                DROP INDEX idx_run_metrics_run_name;
                DROP POLICY projects_tenant ON projects;
                ALTER TABLE models NO FORCE ROW LEVEL SECURITY;
                CREATE TABLE stray ()
                """, in: database)
            #expect(
                try await store.verify().problems == [
                    "index idx_run_metrics_run_name is missing",
                    "policy projects.projects_tenant is missing",
                    "table models differs from the migrations",
                    "table stray is not of this library",
                ])
            try await store.close()
        }
    }
}
