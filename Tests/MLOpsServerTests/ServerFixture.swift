import Foundation
import Logging
import MLOpsCore
import MLOpsServer
import ServiceLifecycle
import Testing

/// A server on a free port, with a store in a directory of its own.
struct ServerFixture: Sendable {
    static let token = "a token of the tests"

    let store: SQLiteStore
    let workspace: Workspace
    let port: Int
    private let group: ServiceGroup

    /// Runs a body beside a server, and ends it.
    static func run(
        keys: Bool = false, configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (ServerFixture) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-server-\(Identifier<Project>())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = SQLiteConfiguration()
        options.keys = StoreKeys(
            peppers: try KeyRing(
                parsing: "p1=" + Data(repeating: 7, count: 32).base64EncodedString(),
                name: "the tests"))
        let store = try await SQLiteStore.open(
            directory.appending(path: "mlops.db").path, configuration: options)
        let workspace = try await store.localWorkspace()
        var configuration = ServerConfiguration(
            access: keys ? .keys : .local(workspace, token: Secret(token)), port: 0)
        configure(&configuration)
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let server = try MLOpsServer(store: store, configuration: configuration, logger: logger) {
            ready.yield($0)
        }
        let group = ServiceGroup(services: [server], logger: logger)
        let work = Task { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let fixture = ServerFixture(
            store: store, workspace: workspace, port: port, group: group)
        do {
            try await body(fixture)
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await work.value
        try await store.close()
    }

    func shutDown() async { await group.triggerGracefulShutdown() }

    /// The head of a request, which ends with the header lines.
    static func head(
        _ method: String, _ path: String, token: String? = token, _ headers: [String] = []
    ) -> String {
        let lines =
            ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
            + (token.map { ["Authorization: Bearer \($0)"] } ?? []) + headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    func ask(
        _ method: String, _ path: String, token: String? = token, _ headers: [String] = [],
        body: Data? = nil
    ) async throws -> RawAnswer {
        let length = body.map { ["Content-Length: \($0.count)"] } ?? []
        let head = Self.head(method, path, token: token, headers + length)
        let answer = try await blocking { [port] in
            let client = try RawClient(port: port)
            client.send(head)
            if let body { client.send(body) }
            return client.answer()
        }
        return try #require(answer)
    }

    /// A call of MLflow's interface.
    func mlflow(
        _ method: String, _ path: String, token: String? = token, _ json: JSONValue? = nil
    ) async throws -> (status: Int, json: JSONValue) {
        let answer = try await ask(
            method, "/api/2.0/mlflow/" + path, token: token,
            body: json.map { Data($0.description.utf8) })
        return (answer.status, try JSONValue(parsing: answer.body))
    }
}
