import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Observers of one program see the commits of another.
@Suite(.onServer) struct PostgresChangesTests {
    /// Two stores with one database, as in two programs; the first one observes.
    private func withTwoStores(
        through address: String,
        _ body: (TestServer, String, Workspace, Workspace) async throws -> Void
    ) async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await server.store(database, through: address)
            let other = try await server.store(database, through: address)
            do {
                try await body(
                    server, database, try await store.localWorkspace(),
                    try await other.localWorkspace())
            } catch {
                try? await store.close()
                try? await other.close()
                throw error
            }
            try await other.close()
            try await store.close()
        }
    }

    @Test func announcementsReachOtherPrograms() async throws {
        let server = try #require(TestServer.shared)
        try await withTwoStores(through: server.url) { _, _, observing, writing in
            var values = observing.observe { try $0.projects.count() }.makeAsyncIterator()
            #expect(try await values.next() == 0)
            try await writing.projects.insert(Fixtures.project(1))
            #expect(try await values.next() == 1)
            // First changes of other tables, then a change of the observed one.
            _ = try await writing.notificationChannels.count()
            let run = try await writing.startRun(project: "Project 1", experiment: "e")
            run.log("loss", 1, step: 1)
            try await run.finish()
            try await writing.projects.insert(Fixtures.project(2))
            #expect(try await values.next() == 2)
        }
    }

    @Test func withPgBouncerTheServerIsAsked() async throws {
        let server = try #require(TestServer.shared)
        try await withTwoStores(through: server.bouncer) { _, _, observing, writing in
            var values = observing.observe { try $0.projects.count() }.makeAsyncIterator()
            #expect(try await values.next() == 0)
            for number in 1...3 {
                try await writing.projects.insert(Fixtures.project(number))
                #expect(try await values.next(until: { $0 == number }) == number)
            }
        }
    }

    @Test func aLostConnectionIsMadeAgain() async throws {
        let server = try #require(TestServer.shared)
        try await withTwoStores(through: server.url) { server, database, observing, writing in
            var values = observing.observe { try $0.projects.count() }.makeAsyncIterator()
            #expect(try await values.next() == 0)
            try await server.run(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = '\(database)' AND query LIKE 'LISTEN%'
                """)
            try await writing.projects.insert(Fixtures.project(1))
            #expect(try await values.next(until: { $0 == 1 }) == 1)
            try await writing.projects.insert(Fixtures.project(2))
            #expect(try await values.next(until: { $0 == 2 }) == 2)
        }
    }

    @Test func announcementsCanBeTurnedOff() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await server.store(database) { $0.announcesChanges = false }
            let workspace = try await store.localWorkspace()
            let listener = ConnectionQueue(label: "test") {
                try PostgresConnection(
                    server.url(database), configuration: PostgresConfiguration(),
                    interruption: $0)
            }
            try await listener.run { try $0.listen() }
            try await workspace.projects.insert(Fixtures.project(1))
            let heard = try await listener.run {
                try $0.announcements(within: .milliseconds(300))
            }
            await listener.close()
            #expect(heard == [])
            // The store's own observers do not need a listener.
            var values = workspace.observe { try $0.projects.count() }.makeAsyncIterator()
            #expect(try await values.next() == 1)
            try await workspace.projects.insert(Fixtures.project(2))
            #expect(try await values.next(until: { $0 == 2 }) == 2)
            try await store.close()
        }
    }

    @Test func anAnnouncementIsReadAsItWasWritten() throws {
        let organization = Identifier<Organization>()
        var changes = Changes()
        changes.insert(TableSet(named: ["models", "audit_logs"]), of: organization)
        changes.insert(TableSet(named: ["users"]), of: nil)
        let text = changes.announcement(from: "me")
        #expect(Changes(announcement: text, exceptFrom: "you") == changes)
        #expect(Changes(announcement: text, exceptFrom: "me") == nil)
        #expect(Changes(announcement: "of another version", exceptFrom: "me")?.isEmpty == false)
        #expect(Changes(announcement: "", exceptFrom: "me") == .everything)
        let unknown = Changes(announcement: "x \(organization):models,rockets", exceptFrom: "me")
        #expect(unknown?.tables[organization] == TableSet(rawValue: .max))
        for _ in 0..<300 { changes.insert(TableSet(named: ["models"]), of: Identifier()) }
        let long = changes.announcement(from: "me")
        #expect(long.utf8.count < 8000)
        #expect(Changes(announcement: long, exceptFrom: "you") == .everything)
    }
}
