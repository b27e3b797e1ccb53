import CSQLite
import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// Secrets of channels: permissions, binding to their place, and rotation of keys.
@Suite struct SecretRotationTests {
    let scratch: Scratch
    let old = KeyRing.generate(id: "k1")
    let both: KeyRing
    var path: String { scratch.path("mlops.db") }

    init() throws {
        scratch = try Scratch()
        both = try KeyRing(
            parsing: KeyRing.generate(id: "k2").text.reveal() + old.text.reveal(), name: "test")
    }

    private func opened<Value: Sendable>(
        _ ring: KeyRing?, _ body: (SQLiteStore, Workspace) async throws -> Value
    ) async throws -> Value {
        var configuration = SQLiteConfiguration()
        configuration.keys = StoreKeys(encryption: ring)
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let value = try await body(store, try await store.localWorkspace())
        try await store.close()
        return value
    }

    private func insert(_ count: Int) async throws {
        try await opened(old) { (_, workspace) async throws in
            try await workspace.notificationChannels.insert(
                contentsOf: (1...count).map {
                    Fixtures.channel($0, config: ["webhook_url": .string("https://h/canary-\($0)")])
                })
            // A deleted channel can be restored, so it is rotated; one without secrets is
            // unchanged.
            try await workspace.notificationChannels.delete(
                Fixtures.id(NotificationChannel.self, count))
            try await workspace.notificationChannels.insert(Fixtures.channel(count + 1))
        }
    }

    /// Runs a statement on the file, without the library.
    private func run(_ sql: String) throws {
        var handle: OpaquePointer?
        try #require(sqlite3_open(path, &handle) == SQLITE_OK)
        defer { sqlite3_close(handle) }
        #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    }

    private func expectOpen(_ numbers: ClosedRange<Int>, _ workspace: Workspace) async throws {
        try await workspace.read { tx in
            for number in numbers {
                let id = Fixtures.id(NotificationChannel.self, number)
                let config = try tx.notificationChannels.openedConfig(of: id)
                #expect(
                    config.reveal() == ["webhook_url": .string("https://h/canary-\(number)")])
            }
        }
    }

    @Test func aRotationThatIsKilledGoesOn() async throws {
        try await insert(60)
        let list = both.text.reveal().split(separator: "\n").joined(separator: ",")
        let worker = try Worker(
            "rotate", path,
            wrapper: ["env", "MLOPS_ENCRYPTION_KEYS=\(list)"])
        _ = try #require(await worker.line(startingWith: "rotated 30 of 61"))
        worker.send(SIGKILL)
        #expect(await worker.wait() == SIGKILL)
        try await opened(both) { (store, workspace) async throws in
            try await expectOpen(1...59, workspace)
            let count = try await store.withSystemAccess(reason: "test") {
                try await $0.rotateSecrets(batch: 7)
            }
            #expect((20...30).contains(count), "only what was left: \(count)")
            let again = try await store.withSystemAccess(reason: "test") {
                try await $0.rotateSecrets()
            }
            #expect(again == 0)
            let entries = try await workspace.auditLogs.all {
                $0.action == "notification_channel.rotate"
            }
            #expect(entries.count == 60 && Set(entries.map(\.resourceID)).count == 60)
            #expect(entries.allSatisfy { $0.details["key"] == "k2" })
            #expect(try await workspace.read { try $0.auditLogs.verifyChain().isIntact })
        }
        let current = try KeyRing(
            parsing: String(both.text.reveal().prefix { $0 != "\n" }), name: "test")
        try await opened(current) { (_, workspace) async throws in
            try await workspace.notificationChannels.restore(
                Fixtures.id(NotificationChannel.self, 60))
            try await expectOpen(1...60, workspace)
            #expect(
                try await workspace.notificationChannels.find(
                    Fixtures.id(NotificationChannel.self, 61)
                ).revision == 1)
        }
    }

    @Test func whoReadBeforeARotationIsTold() async throws {
        try await insert(2)
        try await opened(both) { (store, workspace) async throws in
            var channel = try await workspace.notificationChannels.find(
                Fixtures.id(NotificationChannel.self, 1))
            _ = try await store.withSystemAccess(reason: "test") { try await $0.rotateSecrets() }
            channel.name = "renamed"
            let late = channel
            await #expect {
                try await workspace.notificationChannels.update(late)
            } throws: { ($0 as? StoreError)?.code == .conflict }
            // Updated as it is read now, it keeps its secrets.
            channel = try await workspace.notificationChannels.find(channel.id)
            channel.name = "renamed"
            channel.isActive = false
            try await workspace.notificationChannels.update(channel)
            try await expectOpen(1...1, workspace)
        }
    }

    @Test func oneThatCannotBeOpenedDoesNotStopTheOthers() async throws {
        try await insert(5)
        try run(
            """
            UPDATE notification_channels SET config =
            (SELECT config FROM notification_channels WHERE name = 'channel-1')
            WHERE name = 'channel-2'
            """)
        try await opened(both) { (store, workspace) async throws in
            let second = Fixtures.id(NotificationChannel.self, 2)
            for _ in 1...2 {
                await #expect {
                    try await store.withSystemAccess(reason: "test") {
                        try await $0.rotateSecrets()
                    }
                } throws: { error in
                    guard let error = error as? StoreError else { return false }
                    return error.code == .corrupt && error.message.contains(second.description)
                        && error.message.contains("1 of 6")
                }
            }
            try await expectOpen(3...4, workspace)
            let entries = try await workspace.auditLogs.count {
                $0.action == "notification_channel.rotate"
            }
            #expect(entries == 4)
            await #expect {
                try await workspace.read { try $0.notificationChannels.openedConfig(of: second) }
            } throws: { ($0 as? StoreError)?.code == .corrupt }
        }
        try await opened(nil) { (store, workspace) async throws in
            for call in [
                {
                    _ = try await store.withSystemAccess(reason: "test") {
                        try await $0.rotateSecrets()
                    }
                },
                {
                    _ = try await workspace.read {
                        try $0.notificationChannels.openedConfig(
                            of: Fixtures.id(NotificationChannel.self, 1))
                    }
                },
            ] as [() async throws -> Void] {
                await #expect { try await call() } throws: {
                    ($0 as? StoreError)?.code == .missingKey
                }
            }
        }
    }

    @Test func aCopiedSecretOpensNowhereElse() async throws {
        try await opened(old) { (store, workspace) async throws in
            let channels = workspace.notificationChannels
            var first = try await channels.insert(
                Fixtures.channel(1, config: ["token": "canary", "other": "plain"]))
            let sealed = try #require(first.config["token"])
            // Another row, and another member of the same row.
            first.config = ["token": sealed, "secret": sealed]
            let moved = first
            for call in [
                { _ = try await channels.insert(Fixtures.channel(2, config: ["token": sealed])) },
                { _ = try await channels.update(moved) },
            ] as [() async throws -> Void] {
                await #expect { try await call() } throws: {
                    ($0 as? StoreError)?.code == .invalidValue
                }
            }
            // Another organization. Only PostgreSQL can store a row with the same id there, so the
            // sealing is tested directly.
            for organization in [workspace.organizationID, Fixtures.id(Organization.self, 7)] {
                let place = SealedConfig(
                    of: first.id, createdAt: first.createdAt, in: organization, type: .slack,
                    keys: store.keys)
                let isHome = organization == workspace.organizationID
                #expect(((try? place.opened(["token": sealed])) != nil) == isHome)
            }
        }
    }

    @Test func aSealedTextDoesNotOpenInANewRowOfItsId() async throws {
        try await opened(old) { (_, workspace) async throws in
            let channels = workspace.notificationChannels
            let first = try await channels.insert(
                Fixtures.channel(1, config: ["token": "canary"]))
            try await workspace.write {
                try $0.notificationChannels.delete(first.id)
                _ = try $0.notificationChannels.purge(first.id)
            }
            _ = try await channels.insert(Fixtures.channel(1, config: ["token": "mine"]))
            try run(
                "UPDATE notification_channels SET config = '\(try first.config.canonicalText())'")
            #expect(try await channels.find(first.id).config == first.config)
            await #expect {
                try await workspace.read {
                    _ = try $0.notificationChannels.openedConfig(of: first.id)
                }
            } throws: { ($0 as? StoreError)?.code == .corrupt }
        }
    }

    @Test func whoMayWriteTheChannelOpensIt() async throws {
        try await opened(old) { (store, workspace) async throws in
            let channel = try await workspace.notificationChannels.insert(
                Fixtures.channel(1, config: ["token": "canary"]))
            let project = try await workspace.projects.insert(
                Project(name: "P", visibility: .organization))
            func member(_ number: Int, _ role: ProjectRole) async throws -> Workspace {
                let user = try await store.withSystemAccess(reason: "test") {
                    try await $0.write { try $0.users.insert(Fixtures.user(number)) }
                }
                try await workspace.memberships.insert(
                    Fixtures.membership(number, of: user.id, role: .member))
                try await workspace.projectMembers.insert(
                    ProjectMember(project: project.id, user: user.id, role: role))
                return try await store.workspace(
                    organization: workspace.organizationID, as: .user(user.id))
            }
            let opened = try await workspace.read {
                try $0.notificationChannels.openedConfig(of: channel.id)
            }
            #expect(opened.reveal() == ["token": "canary"] && "\(opened)" == "[redacted]")
            for (number, role, code) in [
                (2, ProjectRole.maintainer, StoreError.Code.permissionDenied),
                (3, .contributor, .notFound),
            ] {
                let other = try await member(number, role)
                await #expect {
                    try await other.read {
                        try $0.notificationChannels.openedConfig(of: channel.id)
                    }
                } throws: { ($0 as? StoreError)?.code == code }
            }
        }
    }
}
