import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// A connection that prepares its statements keeps a bounded number of them.
@Suite(.onServer) struct PreparedStatementTests {
    private func prepared<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        let server = try #require(TestServer.shared)
        var configuration = PostgresConfiguration()
        configuration.preparesStatements = true
        let queue = ConnectionQueue(label: "test") { [configuration] in
            try PostgresConnection(
                server.url("postgres"), configuration: configuration, interruption: $0)
        }
        defer { queue.closeSoon() }
        return try await queue.run(body)
    }

    @Test func onlySoManyAreKeptAndTheLastOnesStay() async throws {
        try await prepared { connection in
            let often: Fragment = "SELECT 'often'::text"
            for number in 0..<1000 {
                _ = try connection.texts("SELECT \(raw: "\(number)")::text")
                _ = try connection.texts(often)
                if number % 10 == 0 {
                    // After a failed statement, it is unknown whether its name exists.
                    #expect(throws: StoreError.self) {
                        _ = try connection.texts("SELECT \(raw: "\(number)")::text / 0")
                    }
                }
            }
            let names = try connection.texts(
                """
                SELECT name::text FROM pg_prepared_statements \
                WHERE statement LIKE '%often%' AND statement NOT LIKE '%pg_prepared%'
                """)
            #expect(names.count == 1)
            let count = try connection.texts("SELECT count(*)::text FROM pg_prepared_statements")
            #expect(Int(count[0][0] ?? "") ?? 0 <= 256)
        }
    }

    @Test func whatIsWrittenOnceStaysUnnamed() async throws {
        try await prepared { connection in
            try connection.runScript("CREATE TEMP TABLE once (n bigint)")
            try connection.begin(.write, in: nil)
            try connection.execute("SAVEPOINT a")
            try connection.insertRows(Insertion(into: "once", columns: ["n"]), count: 3) {
                $1.values = [.integer(Int64($0))]
            }
            try connection.stream("SELECT n FROM once") { _ in true }
            try connection.execute("RELEASE SAVEPOINT a")
            try connection.commit()
            let names = try connection.texts(
                "SELECT statement FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prep%'")
            #expect(names == [])
        }
    }
}
