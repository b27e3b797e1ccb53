import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres
@testable import MLOpsTesting

/// Secrets and the audit trail under the roles of a production database.
@Suite(.onServer) struct PostgresSecretsTests {
    let old = KeyRing.generate(id: "k1")
    let both: KeyRing

    init() throws {
        both = try KeyRing(
            parsing: KeyRing.generate(id: "k2").text.reveal() + old.text.reveal(), name: "test")
    }

    private func withStore(
        _ database: String, _ ring: KeyRing, _ body: (PostgresStore, Workspace) async throws -> Void
    ) async throws {
        let server = try #require(TestServer.shared)
        let store = try await server.store(database) { $0.keys = StoreKeys(encryption: ring) }
        try await body(store, try await store.localWorkspace())
        try await store.close()
    }

    @Test func secretsAreRotatedInEveryOrganization() async throws {
        try await #require(TestServer.shared).withDatabase { database in
            try await withStore(database, old) { store, workspace in
                let other = try await ConformanceContext(store).otherWorkspace()
                for place in [workspace, other] {
                    try await place.notificationChannels.insert(
                        contentsOf: (1...30).map {
                            Fixtures.channel($0, config: ["token": .string("canary-\($0)")])
                        })
                }
                // The row with the same id in another organization is another place.
                let id = Fixtures.id(NotificationChannel.self, 1)
                var foreign = try await other.notificationChannels.find(id)
                foreign.config = try await workspace.notificationChannels.find(id).config
                let copied = foreign
                await #expect {
                    try await other.notificationChannels.update(copied)
                } throws: { ($0 as? StoreError)?.code == .invalidValue }
                try await other.notificationChannels.delete(
                    Fixtures.id(NotificationChannel.self, 30))
            }
            try await withStore(database, both) { store, workspace in
                let count = try await store.withSystemAccess(reason: "test") {
                    try await $0.rotateSecrets(batch: 7)
                }
                #expect(count == 60)
                #expect(
                    try await store.withSystemAccess(reason: "test") {
                        try await $0.rotateSecrets()
                    } == 0)
                let entries = try await workspace.auditLogs.count {
                    $0.action == "notification_channel.rotate"
                }
                #expect(entries == 30)
                try await workspace.read { tx in
                    for channel in try tx.notificationChannels.all() {
                        let opened = try tx.notificationChannels.openedConfig(of: channel.id)
                        #expect(opened.reveal()["token"]?.string?.hasPrefix("canary-") == true)
                    }
                    #expect(try tx.auditLogs.verifyChain().isIntact)
                }
            }
        }
    }

    @Test func aSealedTextDoesNotOpenInANewRowOfItsId() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            try await withStore(database, old) { _, workspace in
                let channels = workspace.notificationChannels
                let first = try await channels.insert(
                    Fixtures.channel(1, config: ["token": "canary"]))
                try await workspace.write {
                    try $0.notificationChannels.delete(first.id)
                    _ = try $0.notificationChannels.purge(first.id)
                }
                _ = try await channels.insert(Fixtures.channel(1, config: ["token": "mine"]))
                let config = try first.config.canonicalText()
                try await server.run(
                    "UPDATE notification_channels SET config = '\(config)'", in: database)
                #expect(try await channels.find(first.id).config == first.config)
                await #expect {
                    try await workspace.read {
                        _ = try $0.notificationChannels.openedConfig(of: first.id)
                    }
                } throws: { ($0 as? StoreError)?.code == .corrupt }
            }
        }
    }

    @Test func aChangedDocumentIsFound() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            try await withStore(database, old) { store, workspace in
                try await workspace.auditLogs.insert(
                    contentsOf: (1...20).map {
                        Fixtures.auditLog($0, details: ["z": 1, "ab": ["b": 1.5, "a": nil]])
                    })
                func verify() async throws -> AuditChainReport {
                    try await workspace.read { try $0.auditLogs.verifyChain() }
                }
                #expect(try await verify().isIntact)
                try await server.run(
                    """
                    ALTER TABLE audit_logs DISABLE TRIGGER USER;
                    UPDATE audit_logs SET details = details || '{"z": 1.0}'
                    WHERE sequence = 9 AND organization_id IS NOT NULL;
                    """, in: database)
                #expect(try await verify().firstBrokenSequence == 9)
            }
        }
    }

    @Test func aFailedConnectionTellsNoPassword() async throws {
        for form in [
            "postgresql://user:SECRET@127.0.0.1:1/database", "postgresql://user:a/SECRET@127.0.0.1",
            "postgresql://user:SECRET/a@127.0.0.1:1", "postgresql://user:a@SECRET@127.0.0.1:1",
            "postgresql://127.0.0.1:1/d?pasword=SECRET", "host=127.0.0.1 port=1 password=a SECRET",
            "postgresql://user:%25%zzSECRET@127.0.0.1:1/d", "host=/nowhere password=SECRET",
        ] {
            let url = form.replacing("SECRET", with: "c4n4ry")
            let error = await #expect(throws: StoreError.self) {
                try await PostgresStore.open(url)
            }
            #expect(error?.code == .cannotOpen, "\(form)")
            #expect(error?.message.contains("c4n4ry") == false, "\(form)")
        }
    }
}
