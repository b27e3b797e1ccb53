import CSQLite
import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The number of statements of a call, each of which is a round trip on a server.
@Suite struct RoundTripTests {
    /// The statements and inserts of a body that runs as the workspace's principal.
    private func recorded(
        _ workspace: Workspace, at path: String, _ body: (SQLTransaction) throws -> Void
    ) throws -> (statements: Int, inserts: [String]) {
        let connection = try SQLiteConnection(
            path: path, flags: SQLITE_OPEN_READWRITE, configuration: SQLiteConfiguration(),
            interruption: Interruption())
        try connection.configure(SQLiteConfiguration())
        let recorder = StatementRecorder(connection)
        try recorder.begin(.write, in: workspace.organizationID)
        defer { try? recorder.rollback() }
        let transaction = SQLTransaction(
            recorder, access: workspace.access, kind: .write, now: .now, keys: StoreKeys())
        try transaction.authorize()
        recorder.statements = []
        try body(transaction)
        try transaction.writeTrail()
        return (recorder.statements.count, recorder.insertedBatches)
    }

    @Test func manyRowsTakeAsManyStatementsAsOne() async throws {
        let scratch = try Scratch()
        let path = scratch.path("mlops.db")
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        let tree = try await Fixtures.insertTree(into: workspace)
        func models(_ numbers: ClosedRange<Int>) throws -> (statements: Int, inserts: [String]) {
            try recorded(workspace, at: path) { tx in
                try tx.models.insert(
                    contentsOf: numbers.map { Fixtures.model($0, in: tree.project.id) })
            }
        }
        let one = try models(11...11)
        let many = try models(11...510)
        #expect(one.inserts == ["models", "audit_logs"])
        #expect(many.inserts == one.inserts)
        #expect(many.statements == one.statements)
        // Savepoint and release, parent, limit, and the end of the chain.
        #expect(many.statements <= 6)
        try await store.close()
    }

    @Test func rightsTakeOneStatement() async throws {
        let scratch = try Scratch()
        let path = scratch.path("mlops.db")
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        let project = try await workspace.projects.insert(Fixtures.project())
        let user = try await store.withSystemAccess(reason: "test") {
            try await $0.write { try $0.users.insert(Fixtures.user(2)) }
        }
        try await workspace.memberships.insert(Fixtures.membership(2, of: user.id))
        try await workspace.projectMembers.insert(
            Fixtures.projectMember(2, of: user.id, in: project.id, role: .maintainer))
        let theirs = try await store.workspace(
            organization: workspace.organizationID, as: .user(user.id))
        let model = try await workspace.models.insert(Fixtures.model(in: project.id))
        for body: (SQLTransaction) throws -> Void in [
            { _ = try $0.models.find(model.id) },
            { _ = try $0.models.all() },
            { _ = try $0.models.update(model) },
            { _ = try $0.models.insert(Fixtures.model(3, in: project.id)) },
        ] {
            // A member's rights are part of the statements that an owner needs as well.
            let owners = try recorded(workspace, at: path, body)
            let members = try recorded(theirs, at: path, body)
            #expect(members.statements == owners.statements)
        }
        try await store.close()
    }
}
