import Foundation
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// When the last use of an API key is written.
@Suite struct LastUseTests {
    /// A clock that is set by hand.
    private final class Clock: Sendable {
        private let time = Mutex(Fixtures.date)
        var now: Date { time.withLock { $0 } }
        func advance(by seconds: Double) { time.withLock { $0 += seconds } }
    }

    @Test func itIsWrittenOnceAMinute() async throws {
        let clock = Clock()
        var configuration = SQLiteConfiguration()
        configuration.clock = { clock.now }
        configuration.keys = StoreKeys(peppers: KeyRing.generate(id: "p1"))
        let store = try await SQLiteStore.inMemory(configuration: configuration)
        let owner = try await store.localWorkspace()
        let issued = try await owner.issueAPIKey(name: "key", permissions: .everything)
        func lastUse() async throws -> TimeInterval? {
            try await owner.apiKeys.find(issued.key.id).lastUsedAt?
                .timeIntervalSince(Fixtures.date)
        }
        #expect(try await lastUse() == nil)
        clock.advance(by: 10)
        let program = try await store.workspace(apiKey: issued.token)
        #expect(try await lastUse() == 10)
        clock.advance(by: 59)
        _ = try await store.workspace(apiKey: issued.token)
        try await program.projects.insert(Fixtures.project(1))
        #expect(try await lastUse() == 10, "within the minute")
        clock.advance(by: 1)
        // A transaction that reads has nothing to write with.
        _ = try await program.projects.count()
        #expect(try await lastUse() == 10)
        try await program.projects.insert(Fixtures.project(2))
        #expect(try await lastUse() == 70)
        clock.advance(by: 3600)
        _ = try await store.workspace(apiKey: issued.token)
        #expect(try await lastUse() == 3670)
        // It is no change of the key: nobody's copy is outdated by it, and the trail is not longer.
        let key = try await owner.apiKeys.find(issued.key.id)
        #expect(key.revision == issued.key.revision && key.updatedAt == issued.key.updatedAt)
        #expect(try await owner.auditLogs.count { $0.resourceType == "api_key" } == 1)
        try await store.close()
    }
}
