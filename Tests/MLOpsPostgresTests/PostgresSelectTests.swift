import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// What `query` gives of a PostgreSQL store beyond what every backend has.
@Suite(.onServer) struct PostgresSelectTests {
    @Test func numbersKeepEveryDigit() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await PostgresStore.open(server.url(database))
            let answer = try await store.withSystemAccess(reason: "test") {
                try await $0.query(
                    """
                    SELECT sum(n) AS large, 12345678901234567890.123::numeric, 0.5::numeric,
                        1.50::numeric, 'NaN'::numeric, sum(1::bigint), 0.1::float8
                    FROM (VALUES (9223372036854775807), (9223372036854775807)) AS v(n)
                    """, limit: 10)
            }
            #expect(
                answer.rows == [
                    [
                        "18446744073709551614", "12345678901234567890.123", 0.5, "1.50", "NaN", 2,
                        0.1,
                    ]
                ])
            try await store.close()
        }
    }
}
