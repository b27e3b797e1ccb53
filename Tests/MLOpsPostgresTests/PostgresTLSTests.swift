import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Encrypted connections, by the parameters of libpq.
@Suite(.onServer) struct PostgresTLSTests {
    /// A port of this machine that nobody listens on.
    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) + getsockname(descriptor, $0, &length)
            }
        }
        try #require(status == 0)
        return Int(UInt16(bigEndian: address.sin_port))
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
