import MLOpsCore
import Testing

extension Conformance {
    /// Statements of SQL that read.
    static let systemQueries: [Scenario] = [
        Scenario("Query: a statement gives its columns and rows, of every organization") {
            context in
            let tree = try await context.tree()
            _ = try await context.otherWorkspace()
            let answer = try await query(
                "SELECT slug, 1 AS one, 0.5 AS half, NULL AS none FROM organizations ORDER BY slug",
                context)
            #expect(answer.columns == ["slug", "one", "half", "none"])
            #expect(answer.rows.count == 2 && !answer.isCut)
            #expect(answer.rows.allSatisfy { $0.dropFirst() == [1, 0.5, nil] })
            let run = try await query(
                "SELECT id, parameters FROM experiment_runs WHERE id = '\(tree.run.id)'", context)
            #expect(run.rows.first?.first == .string(tree.run.id.description))
            let none = try await query("SELECT slug FROM organizations WHERE 1 = 0;", context)
            #expect(none.columns == ["slug"] && none.rows.isEmpty)
        },
        Scenario("Query: the limit cuts, and says so") { context in
            let numbers =
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
                + "SELECT i FROM n ORDER BY i"
            let cut = try await query(numbers, context, limit: 2500)
            #expect(cut.rows.count == 2500 && cut.isCut && cut.rows.last == [2500])
            let whole = try await query(numbers, context, limit: 3000)
            #expect(whole.rows.count == 3000 && !whole.isCut)
            for limit in [0, 100_001] {
                await expectError(.invalidValue) {
                    _ = try await query("SELECT 1", context, limit: limit)
                }
            }
        },
        Scenario("Query: nothing is written, and only one statement runs") { context in
            let tree = try await context.tree()
            let statements = [
                "DELETE FROM experiment_runs", "UPDATE users SET email = 'x'",
                "INSERT INTO schema_migrations DEFAULT VALUES", "DROP TABLE users",
                "CREATE TABLE t (i INTEGER)", "SELECT 1; DELETE FROM users", "SELECT 1; SELECT 2",
                "COMMIT", "ROLLBACK", "", "-- nothing", "SELECT nothing FROM users",
                "WITH gone AS (DELETE FROM users RETURNING 1) SELECT * FROM gone", "VACUUM",
            ]
            for statement in statements {
                await expectError(.invalidValue, "\(statement)") {
                    _ = try await query(statement, context)
                }
            }
            // The connection is as usable as before.
            #expect(try await context.workspace.runs.find(tree.run.id) == tree.run)
            try await context.workspace.projects.insert(Fixtures.project(9))
            #expect(try await query("SELECT 1 AS one", context).rows == [[1]])
        },
    ]

    private static func query(
        _ sql: String, _ context: ConformanceContext, limit: Int = 1000
    ) async throws -> SQLAnswer {
        try await context.store.withSystemAccess(reason: "conformance") {
            try await $0.query(sql, limit: limit)
        }
    }
}
