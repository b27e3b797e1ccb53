import Foundation
import Testing

/// A server of one test alone.
actor SpareServer {
    nonisolated let server: TestServer
    private let command: [String]
    private var process: Process?

    /// - Parameters:
    ///   - port: A port that no other test has; it names the socket.
    ///   - options: Options of PostgreSQL.
    init(_ name: String, port: Int, options: [String] = []) throws {
        let shared = try #require(TestServer.shared)
        server = TestServer(
            url: shared.url.replacing(":5432", with: ":\(port)"), bouncer: shared.bouncer)
        command = [try Self.program, name, "\(port)"] + options
    }

    private static var program: String {
        get throws {
            try #require(ProcessInfo.processInfo.environment["MLOPS_TEST_POSTGRES_SPARE"])
        }
    }

    /// A file that `Scripts/postgres` has made for such servers.
    static func file(_ name: String) throws -> String {
        URL(filePath: try program).deletingLastPathComponent().appending(path: name).path
    }

    func start() async throws {
        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        try process.run()
        self.process = process
        for _ in 0..<200 {
            if (try? await server.run("SELECT 1")) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the spare server does not answer")
    }

    func stop(_ signal: Int32) async throws {
        guard let process else { return }
        kill(process.processIdentifier, signal)
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
    }

    deinit {
        if let process, process.isRunning { kill(process.processIdentifier, SIGQUIT) }
    }
}
