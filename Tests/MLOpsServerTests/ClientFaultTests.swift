import Foundation
import MLOpsCore
import MLOpsServer
import Testing

/// Clients that are slow, half open, too large or wrong.
@Suite struct ClientFaultTests {
    private static let create = "/api/2.0/mlflow/experiments/create"

    @Test func aBodyOverTheLimitIsNotRead() async throws {
        try await ServerFixture.run {
            $0.limits.bodySize = 10_000
        } _: { server in
            let large = try await server.ask(
                "POST", Self.create, body: Data(repeating: 0x20, count: 20_000))
            #expect(large.status == 413 && large.headers["connection"]?.hasPrefix("close") == true)
            // Chunks without an end: the answer comes, and the connection ends.
            let sent = try await blocking {
                let client = try RawClient(port: server.port)
                client.send(
                    ServerFixture.head("POST", Self.create, ["Transfer-Encoding: chunked"]))
                let chunk = "1000\r\n" + String(repeating: " ", count: 4096) + "\r\n"
                return (0..<10_000).prefix { _ in client.send(chunk) }.count
            }
            #expect(sent < 10_000)
        }
    }

    @Test func aClientThatLetsTheServerWaitIsLeft() async throws {
        try await ServerFixture.run {
            $0.limits.patience = .seconds(1)
            $0.limits.idleTime = .seconds(2)
        } _: { server in
            let clients = try (0..<4).map { _ in try RawClient(port: server.port) }
            clients[1].send("GET /health HTT")
            clients[2].send(ServerFixture.head("POST", Self.create, ["Content-Length: 100"]))
            clients[3].send(
                ServerFixture.head("POST", Self.create, ["Transfer-Encoding: chunked"]) + "5\r\nab")
            let start = ContinuousClock.now
            try await blocking { for client in clients { _ = client.readToEnd() } }
            #expect(start.duration(to: .now) < .seconds(25))
            #expect(try await server.ask("GET", "/health").status == 200)
        }
    }

    @Test(arguments: [
        "{", "[1]", "{\"name\": \"a\", \"name\": \"b\"}", "{\"name\": \"\\ud800\"}",
        "{\"name\": \"a\\u0000b\"}", "deep", "\u{FEFF}{}",
        "{\"name\": 1e999}",
    ])
    func aWrongBodyIsRefused(body: String) async throws {
        try await ServerFixture.run { server in
            let text = body == "deep" ? String(repeating: "[", count: 100_000) : body
            let answer = try await server.ask("POST", Self.create, body: Data(text.utf8))
            #expect(answer.status == 400, "\(answer.text)")
            let wrong = try await server.ask(
                "POST", Self.create, body: Data([0x7B, 0xFF, 0xFE, 0x7D]))
            #expect(wrong.status == 400)
        }
    }

    @Test func aRequestInsideARequestIsNone() async throws {
        try await ServerFixture.run { server in
            for headers in [
                "Content-Length: 5\r\nTransfer-Encoding: chunked",
                "Content-Length: 5\r\nContent-Length: 6",
                "Transfer-Encoding: chunked, identity", "Content-Length: +5", "Content-Length: 0x5",
            ] {
                let client = try RawClient(port: server.port)
                client.send(
                    "POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\(headers)\r\n\r\n"
                        + "0\r\n\r\nGET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        + "Connection: close\r\n\r\n")
                let text = try await blocking {
                    String(decoding: client.readToEnd(), as: UTF8.self)
                }
                #expect(!text.contains(libraryVersion), "\(headers): \(text)")
            }
        }
    }

    @Test(arguments: [
        "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "%252e%252e/x", "..%2f..%2fx", "a/../../b",
        "%2fetc/passwd", "/etc/passwd", "a\\..\\b", "a%5c..%5cb", "a%00b", "./a",
    ])
    func aPathThatLeavesItsRunIsInvalid(path: String) async throws {
        try await ServerFixture.run { server in
            let run = try await Self.run(on: server)
            let root = "/api/2.0/mlflow-artifacts/artifacts"
            for method in ["GET", "PUT"] {
                let answer = try await server.ask(
                    method, "\(root)/\(run.path)/\(path)", body: Data("x".utf8))
                #expect(answer.status == 400, "\(method) \(answer.status) \(answer.text)")
            }
            let place = "\(run.path)/\(path)".replacing("%", with: "%25")
            let list = try await server.ask("GET", "\(root)?path=\(place)")
            #expect([200, 400].contains(list.status) && !list.text.contains("passwd"))
        }
    }

    @Test func aRequestUnderWayEndsBeforeTheServer() async throws {
        try await ServerFixture.run { server in
            let client = try RawClient(port: server.port)
            let body = #"{"name": "late"}"#
            client.send(
                ServerFixture.head("POST", Self.create, ["Content-Length: \(body.utf8.count)"]))
            client.send(String(body.prefix(5)))
            try await Task.sleep(for: .milliseconds(200))
            await server.shutDown()
            try await Task.sleep(for: .milliseconds(200))
            client.send(String(body.dropFirst(5)))
            #expect(try await blocking { client.answer()?.status } == 200)
        }
    }

    static func run(on server: ServerFixture) async throws -> (id: String, path: String) {
        let experiment = try #require(
            try await server.mlflow("POST", "experiments/create", ["name": "e"]).json[
                "experiment_id"]?
                .string)
        let made = try await server.mlflow(
            "POST", "runs/create", ["experiment_id": .string(experiment), "start_time": 1])
        let id = try #require(made.json["run"]?["info"]?["run_id"]?.string)
        return (id, "\(experiment)/\(id)/artifacts")
    }
}
