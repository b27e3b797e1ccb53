import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// What a server still holds of erased rows.
@Suite(.onServer) struct PostgresScrubTests {
    @Test func theOwnerVacuumsAndReadersAreNamed() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await PostgresStore.open(server.url(database))
            let workspace = try await store.localWorkspace()
            try await workspace.projects.insert(Fixtures.project(1))
            let clean = try await store.scrub()
            #expect(clean.isClean && clean.remains.contains { $0.contains("backups") })
            var vacuumed: [String?] = []
            // The server counts some time after the end of the statement.
            for _ in 0..<100 where vacuumed.first != "true" {
                vacuumed = try await server.rows(
                    """
                    SELECT bool_and(last_vacuum IS NOT NULL)::text FROM pg_stat_user_tables
                    WHERE relname IN ('users', 'projects', 'notification_channels')
                    """, in: database
                )[0]
                if vacuumed.first != "true" { try await Task.sleep(for: .milliseconds(50)) }
            }
            #expect(vacuumed == ["true"])
            let (started, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let reader: Void = workspace.read { tx in
                _ = try tx.projects.all()
                started.signal()
                release.wait()
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    started.wait()
                    continuation.resume()
                }
            }
            let held = try await store.scrub()
            release.signal()
            try await reader
            #expect(!held.isClean && held.remains.contains { $0.contains("the session ") })
            try await store.close()
        }
    }
}
