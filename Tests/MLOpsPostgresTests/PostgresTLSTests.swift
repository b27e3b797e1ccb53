import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Encrypted connections, configured with libpq's parameters.
@Suite(.onServer) struct PostgresTLSTests {
    /// A port of this machine without a listener.
    private func freePort() throws -> Int {
        let free = try LoopbackSocket()
        close(free.descriptor)
        return free.port
    }

    @Test(.timeLimit(.minutes(20))) func theCertificateOfTheServerIsChecked() async throws {
        let port = try freePort()
        let spare = try SpareServer(
            "encrypted", port: port,
            options: [
                "-clisten_addresses=127.0.0.1", "-cssl=on",
                "-cssl_cert_file=\(SpareServer.file("server.crt"))",
                "-cssl_key_file=\(SpareServer.file("server.key"))",
            ])
        try await spare.start()
        func address(_ host: String, _ mode: String, root: String) throws -> String {
            "host=\(host) hostaddr=127.0.0.1 port=\(port) dbname=postgres user=postgres "
                + "sslmode=\(mode) sslrootcert=\(try SpareServer.file(root))"
        }
        func refusal(_ address: String) async -> String {
            do {
                try await PostgresStore.open(address).close()
                return "none"
            } catch { return "\(error)" }
        }
        let encrypted = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        for mode in ["verify-full", "require"] {
            let found = try await spare.server.connected(
                try address("localhost", mode, root: "authority.crt")
            ) { try $0.texts(Fragment(raw: encrypted)) }
            #expect(found == [["true"]], "\(mode)")
        }
        let other = try address("localhost", "verify-full", root: "other.crt")
        #expect(await refusal(other).contains("certificate verify failed"))
        let misnamed = try address("db.example.com", "verify-full", root: "authority.crt")
        #expect(await refusal(misnamed).contains("does not match host name \"db.example.com\""))
        try await spare.stop(SIGINT)
        let plain = try SpareServer(
            "encrypted", port: port, options: ["-clisten_addresses=127.0.0.1"])
        try await plain.start()
        let required = try address("localhost", "require", root: "authority.crt")
        #expect(await refusal(required).contains("server does not support SSL"))
        try await plain.stop(SIGINT)
    }
}
