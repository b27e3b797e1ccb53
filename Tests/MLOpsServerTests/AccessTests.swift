import Foundation
import Logging
import MLOpsCore
import MLOpsServer
import Testing

/// Who is admitted, and what the others learn.
@Suite struct AccessTests {
    @Test func nothingIsGivenWithoutAToken() async throws {
        try await ServerFixture.run { server in
            #expect(try await server.ask("GET", "/health", token: nil).text == "OK")
            #expect(try await server.ask("GET", "/version", token: nil).text == libraryVersion)
            for path in ["/metrics", "/api/2.0/mlflow/experiments/search?max_results=5"] {
                let refused = try await server.ask("GET", path, token: nil)
                #expect(refused.status == 401, "\(path)")
                #expect(refused.headers["www-authenticate"] == "Basic realm=\"mlops\"")
                #expect(try await server.ask("GET", path, token: "x").status == 401)
                #expect(try await server.ask("GET", path).status == 200)
            }
            let basic = Data("anyone:\(ServerFixture.token)".utf8).base64EncodedString()
            let answer = try await server.ask(
                "GET", "/metrics", token: nil, ["Authorization: Basic \(basic)"])
            #expect(answer.status == 200 && answer.text.contains("mlops_http_request_duration"))
        }
    }

    @Test func aKeyReachesItsTenantUntilItIsRevoked() async throws {
        try await ServerFixture.run(keys: true) { server in
            let issued = try await server.workspace.issueAPIKey(
                name: "ci", permissions: .everything)
            let key = issued.token.reveal()
            let made = try await server.mlflow(
                "POST", "experiments/create", token: key, ["name": "probe"])
            #expect(made.status == 200, "\(made)")
            let trail = try await server.workspace.auditLogs.all {
                $0.action == "experiment.create"
            }
            let entry = try #require(trail.first)
            #expect(entry.apiKeyID == issued.key.id && entry.ipAddress == "127.0.0.1")
            #expect(entry.details["request_id"]?.string?.isEmpty == false)
            try await server.workspace.apiKeys.revoke(issued.key.id)
            let refused = try await server.mlflow(
                "POST", "experiments/create", token: key, ["name": "other"])
            #expect(refused.status == 401 && refused.json["error_code"] == "UNAUTHENTICATED")
        }
    }

    @Test func foreignNamesAndPagesAreRefused() async throws {
        try await ServerFixture.run { server in
            func status(_ lines: String...) async throws -> Int? {
                try await blocking {
                    let client = try RawClient(port: server.port)
                    client.send(
                        lines.joined(separator: "\r\n") + "\r\nConnection: close\r\n\r\n")
                    return client.answer()?.status
                }
            }
            #expect(
                try await status("GET /health HTTP/1.1", "Host: localhost:\(server.port)") == 200)
            #expect(try await status("GET /health HTTP/1.1", "Host: [::1]") == 200)
            for host in [
                "evil.example", "127.0.0.1.evil.example", "127.0.0.1:5000@evil", "a b", "",
            ] {
                let answer = try await status("GET /health HTTP/1.1", "Host: \(host)")
                #expect([400, 403].contains(answer), "\(host)")
            }
            #expect(
                try await status(
                    "GET /health HTTP/1.1", "Host: 127.0.0.1", "Origin: http://evil.example") == 403
            )
            #expect(
                try await status("POST /health HTTP/1.1", "Host: 127.0.0.1", "Origin: null") == 403)
            #expect(
                try await status(
                    "GET /health HTTP/1.1", "Host: 127.0.0.1", "Origin: http://127.0.0.1") == 200)
        }
    }

    @Test func guessingIsSlowedDown() async throws {
        try await ServerFixture.run {
            $0.limits.refusalsPerMinute = 5
        } _: { server in
            for _ in 0..<5 {
                #expect(try await server.ask("GET", "/metrics", token: "guess").status == 401)
            }
            let slowed = try await server.ask("GET", "/metrics", token: "guess")
            #expect(slowed.status == 429 && Int(slowed.headers["retry-after"] ?? "") ?? 0 > 0)
        }
    }

    @Test func aClientThatAsksTooOftenWaits() async throws {
        try await ServerFixture.run {
            $0.limits.requestsPerMinute = 3
        } _: { server in
            var statuses: [Int] = []
            for _ in 0..<5 { statuses.append(try await server.ask("GET", "/metrics").status) }
            #expect(statuses.prefix(3).allSatisfy { $0 == 200 } && statuses.contains(429))
        }
    }

    @Test func beyondThisMachineKeysAndTLSAreNeeded() async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await store.localWorkspace()
        func isRefused(_ change: (inout ServerConfiguration) -> Void) -> Bool {
            var configuration = ServerConfiguration(access: .keys)
            change(&configuration)
            do {
                _ = try MLOpsServer(
                    store: store, configuration: configuration, logger: .init(label: "test"))
                return false
            } catch { return (error as? StoreError)?.code == .invalidValue }
        }
        let token = ServerConfiguration.makeToken()
        #expect(token.reveal().count >= 43)
        #expect(!isRefused { _ in })
        #expect(isRefused { $0.host = "0.0.0.0" })
        #expect(!isRefused { ($0.host, $0.isBehindProxy) = ("0.0.0.0", true) })
        #expect(
            isRefused {
                ($0.host, $0.isBehindProxy) = ("0.0.0.0", true)
                $0.access = .local(workspace, token: token)
            })
        #expect(
            isRefused {
                $0.isBehindProxy = true
                $0.access = .local(workspace, token: token, admitsLoopback: true)
            })
        try await store.close()
    }
}
