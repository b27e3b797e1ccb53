import Foundation
import MLOpsCore
import Testing

/// The result of a call of the tool.
struct ToolResult {
    let status: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The output, read as JSON.
    func json() throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(output.utf8))
    }
}

/// A separate directory with a database, and the built tool to run on it.
final class Tool: Sendable {
    let directory: URL
    var database: String { directory.appending(path: "store.db").path }

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-cli-\(Identifier<Project>())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// The path of the tool, which is in the folder of the test bundle.
    static var executable: URL {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.pathComponents.count > 1 {
            let tool = folder.appending(path: "mlops")
            if FileManager.default.isExecutableFile(atPath: tool.path),
                !tool.hasDirectoryPath
            {
                return tool
            }
            folder.deleteLastPathComponent()
        }
        return URL(filePath: ".build/debug/mlops")
    }

    /// Runs the tool, by default on the database.
    func callAsFunction(
        _ arguments: String..., on path: String? = nil, environment: [String: String] = [:],
        output: URL? = nil, input: String? = nil
    ) async throws -> ToolResult {
        try await self(
            arguments, on: path, environment: environment, output: output, input: input)
    }

    /// Runs the commands of a script until one fails.
    func shell(_ script: String) async throws -> ToolResult {
        let folder = Self.executable.deletingLastPathComponent().path
        return try await self(
            ["-euo", "pipefail", "-c", script], program: URL(filePath: "/bin/bash"),
            environment: ["PATH": "\(folder):/usr/bin:/bin"])
    }

    /// Runs the tool or another program, by default on the database.
    func callAsFunction(
        _ arguments: [String], program: URL = executable, on path: String? = nil,
        environment: [String: String] = [:],
        output elsewhere: URL? = nil, input: String? = nil
    ) async throws -> ToolResult {
        var variables = ["PATH": "/usr/bin:/bin", "COLUMNS": "80"]
        variables["MLOPS_DATABASE"] = path ?? database
        variables["PGCONNECT_TIMEOUT"] = ProcessInfo.processInfo.environment["PGCONNECT_TIMEOUT"]
        variables.merge(environment) { $1 }
        let output = directory.appending(path: "\(Identifier<Project>()).out")
        let errors = directory.appending(path: "\(Identifier<Project>()).err")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = variables
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        // Closed explicitly: otherwise Foundation keeps them open until the tests end.
        var files = [
            try FileHandle(forWritingTo: elsewhere ?? output), try FileHandle(forWritingTo: errors),
        ]
        defer { for file in files { try? file.close() } }
        process.standardOutput = files[0]
        process.standardError = files[1]
        if let input {
            let file = directory.appending(path: "\(Identifier<Project>()).in")
            try Data(input.utf8).write(to: file)
            files.append(try FileHandle(forReadingFrom: file))
            process.standardInput = files[2]
        }
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return ToolResult(
            status: status, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// Opens the database; creates it if it does not exist.
    func store<Value>(_ body: (SQLiteStore) async throws -> Value) async throws -> Value {
        let store = try await SQLiteStore.open(database)
        let value = try await body(store)
        try await store.close()
        return value
    }

    /// Adds a member to the local organization, and makes it a maintainer of a project.
    ///
    /// - Returns: The address.
    func member(
        _ email: String, maintaining project: Identifier<Project>? = nil
    ) async throws -> String {
        try await store { store in
            let local = try await store.localWorkspace()
            let user = try await store.withSystemAccess(reason: "test") {
                try await $0.write { try $0.users.insert(User(email: email)) }
            }
            try await local.memberships.insert(
                OrganizationMembership(user: user.id, role: .member, joinedAt: .now))
            if let project {
                try await local.projectMembers.insert(
                    ProjectMember(project: project, user: user.id, role: .maintainer))
            }
            return email
        }
    }
}
