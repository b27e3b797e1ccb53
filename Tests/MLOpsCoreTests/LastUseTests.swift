import Foundation
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// The update of an API key's time of last use.
@Suite struct LastUseTests {
    /// A clock that the test sets.
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
        // A read transaction cannot write it.
        _ = try await program.projects.count()
        #expect(try await lastUse() == 10)
        try await program.projects.insert(Fixtures.project(2))
        #expect(try await lastUse() == 70)
        clock.advance(by: 3600)
        _ = try await store.workspace(apiKey: issued.token)
        #expect(try await lastUse() == 3670)
        // The key's revision does not change, so no copy is outdated, and there is no audit entry.
        let key = try await owner.apiKeys.find(issued.key.id)
        #expect(key.revision == issued.key.revision && key.updatedAt == issued.key.updatedAt)
        #expect(try await owner.auditLogs.count { $0.resourceType == "api_key" } == 1)
        try await store.close()
    }
}
