import Foundation
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

extension Trait where Self == ConditionTrait {
    /// Runs a test only with a server.
    static var withServer: Self {
        .enabled(
            if: ProcessInfo.processInfo.environment["MLOPS_TEST_POSTGRES"] != nil,
            "needs a server: run it as `Scripts/test`")
    }
}

/// An empty database, and the roles to be made for it.
struct ServerDatabase {
    let tool: Tool
    let database: String

    func url(as role: String) throws -> String {
        let server = try #require(
            ProcessInfo.processInfo.environment["MLOPS_TEST_POSTGRES"])
        return server.replacing("postgres@", with: "\(role)@") + "/\(database)"
    }

    /// Runs the tool with the application role and the system role.
    func callAsFunction(_ arguments: String...) async throws -> ToolResult {
        try await tool(
            arguments, on: try url(as: "\(database)_app"),
            environment: ["MLOPS_SYSTEM_DATABASE": try url(as: "\(database)_system")])
    }

    func makeRoles() async throws -> ToolResult {
        try await tool(
            [
                "db", "roles", "--owner", "\(database)_owner", "--application",
                "\(database)_app", "--system", "\(database)_system",
            ], on: try url(as: "postgres"), environment: ["MLOPS_SYSTEM_PASSWORD": "hush"])
    }

    private static func run(_ sql: String, on url: String) async throws {
        let queue = ConnectionQueue(label: "test") {
            try PostgresConnection(url, configuration: PostgresConfiguration(), interruption: $0)
        }
        defer { queue.closeSoon() }
        try await queue.run { try $0.runScript(sql) }
    }

    static func with(_ body: (ServerDatabase) async throws -> Void) async throws {
        let name = "cli_\(Identifier<Tool>().description.replacing("-", with: ""))"
        let server = ServerDatabase(tool: try Tool(), database: name)
        let maintenance = try server.url(as: "postgres").replacing("/\(name)", with: "/postgres")
        try await run("CREATE DATABASE \(name)", on: maintenance)
        do {
            try await body(server)
        } catch {
            try? await run("DROP DATABASE \(name) WITH (FORCE)", on: maintenance)
            throw error
        }
        try await run("DROP DATABASE \(name) WITH (FORCE)", on: maintenance)
        for role in ["owner", "app", "system"] {
            try await run("DROP ROLE IF EXISTS \(name)_\(role)", on: maintenance)
        }
    }
}
