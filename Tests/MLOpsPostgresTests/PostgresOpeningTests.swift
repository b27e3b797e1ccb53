import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// The errors when a server cannot be reached; they show no secret.
@Suite(.onServer) struct PostgresOpeningTests {
    /// A server without a free connection is reported as busy, not as unreachable.
    @Test func aServerWithoutAFreeConnectionIsBusy() async throws {
        try await withWorkspace { server, database, _ in
            try await server.run("ALTER DATABASE \(database) CONNECTION LIMIT 0")
            await expect(.busy) {
                _ = try await PostgresStore.open(server.url(database, as: "mlops_app"))
            }
        }
    }

    @Test func aDatabaseThatIsNotThereIsSaid() async throws {
        let server = try #require(TestServer.shared)
        await expect(.cannotOpen) {
            _ = try await PostgresStore.open(server.url("no_such_database"))
        }
        await expect(.cannotOpen) {
            _ = try await PostgresStore.open("postgresql://nobody:hush@127.0.0.1:1/x")
        }
    }

    /// libpq repeats the parts of a URL that it cannot read, or misreads, in its errors.
    @Test(arguments: [
        "postgresql://u:hu%zzsh@h/db", "postgresql://u:hu/sh@h/db", "postgresql://u:hush@[::1/x",
        "postgresql://u:hu@sh@h/db", "postgresql://u:hu?sh/@h/db", "postgresql://u:hush/db",
        "postgresql://u:hu sh@h/db?x", "postgre://u:hush@h/db", "host=h password=hu sh",
    ])
    func noErrorRepeatsThePassword(_ url: String) async throws {
        do {
            _ = try await PostgresStore.open(url)
            Issue.record("it was opened")
        } catch {
            let text = String(describing: error)
            #expect((error as? StoreError)?.code == .cannotOpen)
            #expect(!text.contains("hu") && !text.contains("sh"), "\(text)")
            #expect(text.contains("percent-encode"))
        }
    }

    @Test func theNameOfTheProgramIsTheUsers() async throws {
        let server = try #require(TestServer.shared)
        for (suffix, name) in [("", "mlops"), ("?application_name=mine", "mine")] {
            let found = try await server.connected(server.url("postgres") + suffix) {
                try $0.texts("SELECT current_setting('application_name')")
            }
            #expect(found == [[name]])
        }
    }
}
