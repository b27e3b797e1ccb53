import Crypto
import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// The roles that may remove entries of the audit trail on a server.
@Suite(.onServer) struct PostgresPruneTests {
    /// A trail with a seal of its last entry, and its export.
    private struct Trail {
        let organization: Identifier<Organization>?
        let seal: AuditSeal
        let file: String
    }

    private let key = Curve25519.Signing.PrivateKey()

    private func prune(_ trail: Trail, in store: PostgresStore) async throws -> Int {
        try await store.withSystemAccess(reason: "retention") { access in
            try await AuditPrune(
                of: trail.organization, before: trail.seal, trusting: key.publicKey,
                exportedTo: trail.file, by: access
            ).run().count
        }
    }

    /// Makes two trails, of an organization and of the system, with entries to prune.
    private func withTrails(
        _ body: (TestServer, _ database: String, PostgresStore, [Trail]) async throws -> Void
    ) async throws {
        let server = try #require(TestServer.shared)
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-prune-\(Identifier<AuditLog>())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (own, system) = (directory.path + "/own.jsonl", directory.path + "/system.jsonl")
        try await server.withDatabase { database in
            let store = try await server.store(database)
            let workspace = try await store.localWorkspace()
            let entries = (1...20).map { Fixtures.auditLog($0) }
            try await workspace.auditLogs.insert(contentsOf: entries)
            _ = try await AuditExport(of: workspace).run(to: own)
            let seal = try await workspace.read { [key] in try $0.auditLogs.seal(with: key) }
            let ofSystem = try await store.withSystemAccess(reason: "test") { [key] access in
                _ = try await access.write { tx in
                    try tx.auditLogs.insert(contentsOf: (31...40).map { Fixtures.auditLog($0) })
                }
                _ = try await AuditExport(ofSystem: access).run(to: system)
                return try await access.read { try $0.auditLogs.seal(with: key) }
            }
            try await body(
                server, database, store,
                [
                    Trail(organization: workspace.organizationID, seal: seal, file: own),
                    Trail(organization: nil, seal: ofSystem, file: system),
                ])
            try await store.close()
        }
    }

    @Test func theSystemsRoleMayNotPrune() async throws {
        try await withTrails { server, database, store, trails in
            for trail in trails {
                let error = await #expect(throws: StoreError.self) {
                    try await prune(trail, in: store)
                }
                #expect(error?.code == .permissionDenied)
                #expect(error?.message.contains("superuser") == true)
            }
            let rows = try await server.rows("SELECT count(*)::text FROM audit_logs", in: database)
            #expect(rows == [["33"]])
        }
    }

    @Test func aSuperuserPrunesAndTheTriggersStay() async throws {
        try await withTrails { server, database, store, trails in
            let maintenance = try await server.store(database) {
                $0.systemURL = server.url(database)
            }
            for trail in trails {
                #expect(try await prune(trail, in: maintenance) == trail.seal.sequence - 1)
                #expect(try await prune(trail, in: maintenance) == 0)
            }
            try await maintenance.close()
            let report = try await store.localWorkspace().read { [key] in
                try $0.auditLogs.verify(against: trails[0].seal, trusting: key.publicKey)
            }
            #expect(report.isIntact && report.chain.count == 2)
            let system = try await store.withSystemAccess(reason: "test") { access in
                try await access.read { [key] in
                    try $0.auditLogs.verify(against: trails[1].seal, trusting: key.publicKey)
                }
            }
            #expect(system.isIntact && system.chain.count == 2)
            await #expect(throws: StoreError.self) {
                try await server.run("DELETE FROM audit_logs", in: database)
            }
            let roles = try await PostgresStore.open(server.url(database))
            #expect(try await roles.verify().problems.isEmpty)
            try await roles.close()
        }
    }
}
