import CSQLite
import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsTesting

/// The changes that a transaction reports are those that SQLite reports.
@Suite struct ChangesTests {
    @Test func everyCallSaysWhichTablesItChanges() async throws {
        let scratch = try Scratch()
        let engine = try await EngineSite(in: scratch)
        let changed = ChangedTables(of: engine.connection)
        var writing = 0
        for call in Call.all {
            changed.names = []
            defer { try? engine.connection.rollback() }
            let transaction = try engine.begin(on: engine.connection)
            // A refused call has changed nothing, or is rolled back.
            guard (try? call.body(transaction, engine.site)) != nil else { continue }
            try transaction.writeTrail()
            let said = transaction.changes.tables(for: engine.organizationID)
            #expect(Set(said.names) == changed.names, "\(call.name)")
            #expect(transaction.changes.tables.keys.allSatisfy { $0 != nil }, "\(call.name)")
            if !changed.names.isEmpty { writing += 1 }
        }
        #expect(writing > 60)
    }

    @Test func aReadNamesItsTables() {
        let text = "SELECT count(*) FROM run_metrics m JOIN experiment_runs r ON r.id = m.run_id"
        #expect(TableSet(namedIn: text).names == ["experiment_runs", "run_metrics"])
        #expect(TableSet(namedIn: "SELECT 1 FROM projects_of_old").names == [])
        #expect(
            TableSet(namedIn: "SELECT models.id FROM models,(users)").names == ["users", "models"])
    }

    @Test func aWriteNamesItsTable() {
        #expect(TableSet(writtenBy: "UPDATE models SET name = ? RETURNING id").names == ["models"])
        #expect(TableSet(writtenBy: "INSERT INTO users (id) VALUES (?)").names == ["users"])
        #expect(TableSet(writtenBy: "DELETE FROM alerts").names == ["alerts"])
        #expect(TableSet(writtenBy: "SELECT id FROM models").names == [])
        #expect(TableSet(writtenBy: "SAVEPOINT models").names == [])
    }

    /// Two programs with one file: each observes the other's commits without a call in between.
    @Test func anotherConnectionIsNoticed() async throws {
        let scratch = try Scratch()
        let store = try await SQLiteStore.open(scratch.path("mlops.db"))
        let workspace = try await store.localWorkspace()
        var values = workspace.observe { try $0.projects.count() }.makeAsyncIterator()
        #expect(try await values.next() == 0)
        let other = try await SQLiteStore.open(scratch.path("mlops.db"))
        let theirs = try await other.localWorkspace()
        for number in 1...3 {
            try await theirs.projects.insert(Fixtures.project(number))
            #expect(try await values.next(until: { $0 == number }) == number)
        }
        try await other.close()
        try await store.close()
        #expect(try await values.next() == nil)
    }

    @Test func aRevertedMigrationIsNoticed() async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await store.localWorkspace()
        var values = workspace.observe { try $0.notificationRules.count() }.makeAsyncIterator()
        #expect(try await values.next() == 0)
        #expect(try await store.revertMigrations(to: 3) == [4])
        await #expect(throws: StoreError.self) { try await values.next() }
        try await store.close()
    }

    /// A thousand observers of a table all get the last value; none remains when they end.
    @Test func aThousandObservers() async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await store.localWorkspace()
        let last = 20
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1000 {
                group.addTask {
                    var received = 0
                    for try await count in workspace.observe({ try $0.projects.count() }) {
                        received += 1
                        if count == last { break }
                    }
                    return received
                }
            }
            for number in 1...last {
                try await workspace.projects.insert(Fixtures.project(number))
            }
            for try await received in group { #expect(received <= last + 1) }
        }
        #expect(store.lifecycle.changes.observers == 0)
        try await store.close()
    }
}

/// The tables of the rows that a connection changes.
private final class ChangedTables {
    var names: Set<String> = []

    init(of connection: SQLiteConnection) {
        sqlite3_update_hook(
            connection.handle,
            { context, _, _, table, _ in
                guard let context, let table else { return }
                Unmanaged<ChangedTables>.fromOpaque(context).takeUnretainedValue().names
                    .insert(String(cString: table))
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
