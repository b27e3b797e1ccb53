import MLOpsCore
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsPostgres

@Suite(.onServer)
struct PostgresConformanceTests {
    @Test(arguments: Conformance.cases(for: targets))
    func conforms(_ example: ConformanceCase) async throws { try await example.run() }

    @Test func exclusionsNameScenarios() {
        for target in Self.targets { #expect(Conformance.unknownExclusions(of: target) == []) }
    }

    private static let targets: [StoreTarget] = {
        guard let server = TestServer.shared else { return [] }
        return [
            target("PostgreSQL", server.url, .plain, connections: 8),
            target(
                "PgBouncer", server.bouncer, .plain, connections: 2,
                exclusions: [
                    "Workspace.observe: one value at once, and one a relevant commit":
                        "Without announcements the server is asked whether anybody has written."
                ]),
            target("partitioned PostgreSQL", server.url, .partitioned, connections: 8),
            target("prepared PostgreSQL", server.url, .plain, connections: 8, prepares: true),
        ]
    }()

    private static let permits = Permits(12)

    private static func target(
        _ name: String, _ address: String, _ form: TestServer.Form, connections: Int,
        prepares: Bool = false, exclusions: [String: String] = [:]
    ) -> StoreTarget {
        let databases = Databases()
        return StoreTarget(name: name, exclusions: exclusions) {
            guard let server = TestServer.shared else { throw CancellationError() }
            await permits.take()
            do {
                let database = try await server.makeDatabase(form)
                let store = try await server.store(database, through: address) {
                    $0.maximumConnections = connections
                    $0.keys = Fixtures.keys
                    $0.preparesStatements = prepares
                }
                databases.note(database, of: store)
                return store
            } catch {
                await permits.give()
                throw error
            }
        } cleanUp: { store in
            if let store = store as? PostgresStore, let database = databases.take(store) {
                try? await TestServer.shared?.dropDatabase(database)
            }
            await permits.give()
        }
    }
}

/// The database names by store.
private final class Databases: Sendable {
    private let names = Mutex<[ObjectIdentifier: String]>([:])

    func note(_ name: String, of store: PostgresStore) {
        names.withLock { $0[ObjectIdentifier(store)] = name }
    }

    func take(_ store: PostgresStore) -> String? {
        names.withLock { $0.removeValue(forKey: ObjectIdentifier(store)) }
    }
}
