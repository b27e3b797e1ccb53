import Foundation
import MLOpsCore
import Testing

@Suite struct QueryCommandTests {
    @Test func rowsComeAsATableAsJSONAndAsCSV() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        let sql =
            "SELECT run_name, json_extract(parameters, '$.rate') AS rate, NULL AS none "
            + "FROM experiment_runs ORDER BY run_name"
        let table = try await tool("db", "query", sql)
        #expect(table.status == 0, "\(table.errors)")
        #expect(table.lines[0] == "run_name                 rate  none")
        #expect(table.lines[1] == "first                     0.1     -")
        let json = try await tool("db", "query", sql, "--json").json()
        #expect(json[2] == ["run_name": "third", "rate": .double(0.1 * 3), "none": nil])
        let csv = try await tool("db", "query", "-", "--format", "csv", input: sql)
        #expect(
            csv.lines == [
                "run_name,rate,none", "first,0.1,", "second,0.2,", "third,0.30000000000000004,",
            ])
        let twice = try await tool("db", "query", "SELECT 1 AS a, 2 AS a", "--json").json()
        #expect(twice == [["a": 1, "a_2": 2]])
    }

    @Test func nothingIsWrittenAndTimeAndRowsAreBounded() async throws {
        let tool = try Tool()
        _ = try await Fixture(in: tool)
        for sql in [
            "DELETE FROM experiment_runs", "ATTACH 'x.db' AS x", "PRAGMA user_version = 9",
            "SELECT 1; SELECT 2",
        ] {
            let refused = try await tool("db", "query", sql)
            #expect(refused.status == 64 && refused.output.isEmpty, "\(sql): \(refused.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: tool.directory.path + "/x.db"))
        let wrong = try await tool("db", "query", "SELECT nope FROM users")
        #expect(wrong.errors == "mlops: SQLite says: no such column: nope.\n")
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        let cut = try await tool("db", "query", endless + "SELECT i FROM n", "--limit", "3")
        #expect(cut.lines.last == "there are more rows than 3; raise --limit")
        let slow = try await tool(
            "db", "query", endless + "SELECT count(*) FROM n", "--time-limit", "1")
        #expect(slow.status == 75 && slow.errors.contains("longer than 1 s"), "\(slow.errors)")
    }
}
