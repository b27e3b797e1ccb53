import Foundation
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Logins with several attempts, or without an answer.
@Suite(.onServer) struct PostgresLoginTests {
    /// The ways in which a host does not answer.
    enum Silence: CaseIterable {
        /// It accepts the connection and does not answer.
        case accepting
        /// It does not accept the connection, like a host that is switched off.
        case unreachable
        /// It agrees to encrypt, and then does not answer.
        case stalling
    }

    /// A port of this machine without an answer.
    private final class SilentPort: Sendable {
        let number: Int
        /// The sockets of clients that were allowed to encrypt.
        private let stalled = Mutex<[Int32]>([])
        var logins: Int { stalled.withLock { $0.count } }
        private let sockets = Mutex<[Int32]>([])

        init(_ silence: Silence) throws {
            let socket = try LoopbackSocket()
            number = socket.port
            sockets.withLock { $0 = [socket.descriptor] }
            try #require(listen(socket.descriptor, silence == .unreachable ? 0 : 64) == 0)
            if silence == .stalling { answerOnce(socket.descriptor) }
            guard silence == .unreachable else { return }
            // The queue of pending connections fills up; further ones are dropped.
            for _ in 0..<8 { sockets.withLock { $0.append(socket.connection()) } }
        }

        /// Answers yes to each request to encrypt.
        private func answerOnce(_ listener: Int32) {
            Thread.detachNewThread { [weak self] in
                while case let client = accept(listener, nil, nil), client >= 0 {
                    var request = [UInt8](repeating: 0, count: 8)
                    _ = recv(client, &request, request.count, Int32(MSG_WAITALL))
                    send(client, "S", 1, Int32(MSG_NOSIGNAL))
                    guard let self else { return }
                    stalled.withLock { $0.append(client) }
                }
            }
        }

        deinit {
            let sockets = sockets.withLock { $0 } + stalled.withLock { $0 }
            // Shut down first: a blocked `accept` notices it, but not a `close` alone.
            for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
            for socket in sockets { close(socket) }
        }
    }

    /// The host, user and port of the server's URL, as a connection string.
    private func address(of server: TestServer, behind ports: [Int] = []) throws -> String {
        let url = try #require(URLComponents(string: server.url("postgres")))
        let query = url.queryItems ?? []
        let host = try #require(query.first { $0.name == "host" }?.value ?? url.host)
        let hosts = ports.map { _ in "127.0.0.1" } + [host.removingPercentEncoding ?? host]
        let numbers = ports.map(String.init) + [url.port.map(String.init) ?? "5432"]
        return "host=\(hosts.joined(separator: ",")) port=\(numbers.joined(separator: ",")) "
            + "user=postgres dbname=postgres connect_timeout=5"
    }

    @Test(arguments: Silence.allCases) func whoDoesNotAnswerIsPassedOver(
        _ silence: Silence
    ) async throws {
        let server = try #require(TestServer.shared)
        let silent = [try SilentPort(silence), try SilentPort(silence)]
        let found = try await server.connected(
            try address(of: server, behind: silent.map(\.number))
        ) { try $0.texts("SELECT 'reached'") }
        #expect(found == [["reached"]])
        withExtendedLifetime(silent) {}
    }

    @Test(arguments: Silence.allCases) func whoAloneDoesNotAnswerIsSaid(
        _ silence: Silence
    ) async throws {
        let server = try #require(TestServer.shared)
        let silent = try SilentPort(silence)
        let address = "host=localhost port=\(silent.number) user=u dbname=d connect_timeout=2"
        do {
            _ = try await server.connected(address) { try $0.texts("SELECT 'reached'") }
            Issue.record("it was opened")
        } catch {
            #expect((error as? StoreError)?.code == .cannotOpen)
            let words =
                "no answer from localhost (127.0.0.1), port \(silent.number), within 2 seconds"
            #expect("\(error)".contains(words), "\(error)")
        }
        // No login is repeated without encryption.
        #expect(silent.logins == (silence == .stalling ? 1 : 0))
        withExtendedLifetime(silent) {}
    }

    /// A name may have several addresses, of which some are dead.
    @Test(.timeLimit(.minutes(20))) func anotherAddressOfTheSameHostIsTried() async throws {
        let silent = try SilentPort(.accepting)
        let spare = try SpareServer(
            "elsewhere", port: silent.number, options: ["-clisten_addresses=127.0.0.2"])
        try await spare.start()
        let found = try await spare.server.connected(
            "host=db,db hostaddr=127.0.0.1,127.0.0.2 port=\(silent.number) user=postgres "
                + "dbname=postgres connect_timeout=5"
        ) { try $0.texts("SELECT host(inet_server_addr())") }
        #expect(found == [["127.0.0.2"]])
        try await spare.stop(SIGINT)
        withExtendedLifetime(silent) {}
    }

    @Test(.timeLimit(.minutes(5))) func aLoginIsCancelled() async throws {
        let silent = try SilentPort(.accepting)
        let address = "host=127.0.0.1 port=\(silent.number) user=u dbname=d connect_timeout=600"
        let task = Task { try await PostgresStore.open(address).close() }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await expectCancellation(of: task)
        withExtendedLifetime(silent) {}
    }

    @Test func aTimeoutThatIsNoNumberIsRefused() async throws {
        await expect(.cannotOpen) {
            try await PostgresStore.open("host=127.0.0.1 connect_timeout=soon").close()
        }
    }

    /// Notices that the server sends during the login.
    @Test func noticesOfTheLoginAreLogged() async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            try await server.run(
                "UPDATE pg_database SET datcollversion = '0' WHERE datname = '\(database)'")
            let lines = try await server.reports(of: database)
            #expect(lines.count == 1, "\(lines)")
            #expect(lines.first?.contains("WARNING") == true, "\(lines)")
        }
    }
}
