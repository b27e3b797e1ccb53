import MLOpsCore
import MLOpsTesting
import Testing

/// What `query` gives of a SQLite store beyond what every backend has.
@Suite struct SelectTests {
    private func rows(_ sql: String) async throws -> [[JSONValue]] {
        let store = try await SQLiteStore.inMemory()
        _ = try await store.localWorkspace()
        let answer = try await store.withSystemAccess(reason: "test") {
            try await $0.query(sql, limit: 100)
        }
        try await store.close()
        return answer.rows
    }

    @Test func aTextGoesOnAfterANUL() async throws {
        #expect(try await rows("SELECT 'a' || char(0) || 'b', ''") == [["a\u{0}b", ""]])
    }

    @Test func documentsAreUnfolded() async throws {
        #expect(
            try await rows("SELECT key, value FROM json_each('{\"a\":1,\"b\":2}') ORDER BY key")
                == [["a", 1], ["b", 2]])
        #expect(
            try await rows("SELECT fullkey FROM json_tree('{\"a\":[7]}') WHERE value = 7")
                == [["$.a[0]"]])
        #expect(
            try await rows(
                "SELECT m.key FROM experiment_runs r, json_each(r.metrics) m") == [])
    }

    @Test(arguments: [
        "CREATE TEMP TABLE t (i)", "CREATE VIRTUAL TABLE t USING json_each", "PRAGMA user_version",
        "SELECT * FROM pragma_table_info('users')", "ATTACH ':memory:' AS a",
    ])
    func nothingElseIsAllowed(_ sql: String) async throws {
        await #expect(throws: StoreError.self) { try await rows(sql) }
    }
}
