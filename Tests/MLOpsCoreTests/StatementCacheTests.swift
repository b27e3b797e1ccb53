import CSQLite
import Foundation
import Testing

@testable import MLOpsCore

/// Prepared statements are kept while they work, and none leaks.
@Suite struct StatementCacheTests {
    private func connection() throws -> SQLiteConnection {
        let connection = try SQLiteConnection(
            path: ":memory:", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
            configuration: SQLiteConfiguration(), interruption: Interruption())
        try connection.runScript("CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER) STRICT")
        return connection
    }

    private func insert(_ key: String, into connection: SQLiteConnection) throws {
        try connection.execute("INSERT INTO t VALUES (\(key), \(1))")
    }

    @Test func aStatementThatWorksIsKept() throws {
        let connection = try connection()
        for key in ["a", "b", "c"] { try insert(key, into: connection) }
        #expect(connection.openStatements == ["INSERT INTO t VALUES (?, ?)"])
    }

    @Test func aStatementWhoseStepFailsIsFinalized() throws {
        let connection = try connection()
        try insert("a", into: connection)
        #expect(throws: StoreError.self) { try insert("a", into: connection) }
        #expect(!connection.openStatements.contains { $0.hasPrefix("INSERT") })
        // It is prepared and kept again.
        try insert("b", into: connection)
        #expect(connection.openStatements.count { $0.hasPrefix("INSERT") } == 1)
    }

    @Test func aQueryWhoseStepFailsIsFinalized() throws {
        let connection = try connection()
        let query: Fragment = "SELECT abs(b) FROM t"
        try connection.execute("INSERT INTO t VALUES ('a', \(Int64.min))")
        #expect(throws: StoreError.self) { try connection.query(query) { _ in true } }
        #expect(!connection.openStatements.contains { $0.hasPrefix("SELECT") })
    }

    @Test func anInsertOfRowsThatFailsIsFinalized() throws {
        let connection = try connection()
        let insertion = Insertion(into: "t", columns: ["a", "b"])
        func insert(_ keys: [String]) throws {
            try connection.insertRows(insertion, count: keys.count) { index, row in
                row.values.append(.text(keys[index]))
                row.values.append(.integer(1))
            }
        }
        try insert(["a", "b"])
        #expect(connection.openStatements == [insertion.statement])
        #expect(throws: StoreError.self) { try insert(["c", "a"]) }
        #expect(!connection.openStatements.contains(insertion.statement))
        try insert(["d"])
        #expect(connection.openStatements.contains(insertion.statement))
    }

    @Test func anErrorOfTheBodyKeepsTheStatement() throws {
        struct Stop: Error {}
        let connection = try connection()
        try insert("a", into: connection)
        let query: Fragment = "SELECT a FROM t"
        #expect(throws: Stop.self) { try connection.query(query) { _ in throw Stop() } }
        #expect(connection.openStatements.contains("SELECT a FROM t"))
        // The statement was reset, so it holds no snapshot open.
        try connection.runScript("DROP TABLE t")
    }

    @Test func aNestedUseOfOneTextLeavesOneStatement() throws {
        let connection = try connection()
        for key in ["a", "b"] { try insert(key, into: connection) }
        let query: Fragment = "SELECT a FROM t"
        var rows = 0
        try connection.query(query) { _ in
            #expect(connection.openStatements.count { $0 == "SELECT a FROM t" } == 1)
            try connection.query(query) { _ in
                rows += 1
                return true
            }
            return true
        }
        #expect(rows == 4)
        #expect(connection.openStatements.count { $0 == "SELECT a FROM t" } == 1)
    }

    @Test func aStatementThatLeaksIsSeen() throws {
        let connection = try connection()
        var leaked: OpaquePointer?
        #expect(
            sqlite3_prepare_v2(connection.handle, "SELECT 42", -1, &leaked, nil) == SQLITE_OK)
        #expect(connection.openStatements == ["SELECT 42"])
        // Finalized, because the connection asserts at its end that none is open.
        sqlite3_finalize(leaked)
        #expect(connection.openStatements == [])
    }

    #if DEBUG
        /// Asked for alone: beside tests that start processes, the testing library waits for ever
        /// on a child that another part of the program has not collected yet.
        @Test(
            .enabled(if: ProcessInfo.processInfo.environment["MLOPS_EXIT_TESTS"] != nil),
            .timeLimit(.minutes(20)))
        func aStatementThatLeaksEndsTheProcess() async {
            let result = await #expect(
                processExitsWith: .failure, observing: [\.standardErrorContent]
            ) {
                // The trap is expected, so no backtrace is needed.
                for number in [SIGILL, SIGTRAP] { signal(number, SIG_DFL) }
                let connection = try SQLiteConnection(
                    path: ":memory:", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                    configuration: SQLiteConfiguration(), interruption: Interruption())
                var leaked: OpaquePointer?
                sqlite3_prepare_v2(connection.handle, "SELECT 42", -1, &leaked, nil)
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(message.contains("SELECT 42"))
        }
    #endif
}
