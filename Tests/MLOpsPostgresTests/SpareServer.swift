import Foundation
import Testing

/// A server for a single test.
actor SpareServer {
    nonisolated let server: TestServer
    private let command: [String]
    private var process: Process?

    /// - Parameters:
    ///   - port: A port that no other test uses; it is part of the socket's name.
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

    /// The path of a file that `Scripts/postgres` has made for such servers.
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

/// A socket on an unused port of 127.0.0.1.
struct LoopbackSocket {
    let descriptor: Int32
    private let address: sockaddr_in

    var port: Int { Int(UInt16(bigEndian: address.sin_port)) }

    init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) + getsockname(descriptor, $0, &length)
            }
        }
        self.descriptor = descriptor
        self.address = address
        try #require(status == 0)
    }

    /// Starts a connection to it without waiting for `accept`.
    func connection() -> Int32 {
        let client = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        _ = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return client
    }
}
