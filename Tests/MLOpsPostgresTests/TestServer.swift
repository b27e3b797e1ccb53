import CLibPQ
import Foundation
import MLOpsCore
import Testing

@testable import MLOpsPostgres

/// The server that `Scripts/postgres` has started for the tests.
struct TestServer: Sendable {
    /// URLs of a superuser, without a database.
    let url: String
    let bouncer: String

    /// The server, or `nil` if none was started.
    static let shared: TestServer? = {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["MLOPS_TEST_POSTGRES"],
            let bouncer = environment["MLOPS_TEST_PGBOUNCER"]
        else { return nil }
        return TestServer(url: url, bouncer: bouncer)
    }()

    /// The form in which the tables are declared.
    enum Form: String, CaseIterable {
        case plain
        /// Tenant tables with the organization in each key are partitioned by its hash.
        case partitioned
    }

    func url(_ database: String, as role: String = "postgres", through server: String? = nil)
        -> String
    {
        (server ?? url).replacing("postgres@", with: "\(role)@") + "/\(database)"
    }

    /// Runs a statement as the superuser.
    func run(_ sql: String, in database: String = "postgres") async throws {
        try await connected(url(database)) { try $0.runScript(sql) }
    }

    /// The rows of a query as the superuser; all columns must be text.
    func rows(_ sql: String, in database: String) async throws -> [[String?]] {
        try await connected(url(database)) { try $0.texts(Fragment(raw: sql)) }
    }

    /// Runs a body on a new connection.
    func connected<Value: Sendable>(
        _ url: String, _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        let queue = ConnectionQueue(label: "test") {
            // No timeout, because preparing a test may be slow on a busy machine.
            var configuration = PostgresConfiguration()
            configuration.statementTimeout = nil
            return try PostgresConnection(url, configuration: configuration, interruption: $0)
        }
        do {
            let value = try await queue.run(body)
            await queue.close()
            return value
        } catch {
            await queue.close()
            throw error
        }
    }

    /// Runs a body with a new database.
    func withDatabase<Value>(
        _ form: Form = .plain, _ body: (String) async throws -> Value
    ) async throws -> Value {
        let database = try await makeDatabase(form)
        do {
            let value = try await body(database)
            try await dropDatabase(database)
            return value
        } catch {
            try? await dropDatabase(database)
            throw error
        }
    }

    /// A store of the application role.
    func store(
        _ database: String, through server: String? = nil,
        _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws -> PostgresStore {
        var configuration = PostgresConfiguration()
        configuration.systemURL = url(database, as: "mlops_system", through: server)
        configuration.artifacts = Self.artifacts
        change(&configuration)
        return try await PostgresStore.open(
            url(database, as: "mlops_app", through: server), configuration: configuration)
    }

    /// The artifact directory of all stores, a temporary directory.
    private static let artifacts = FileManager.default.temporaryDirectory
        .appending(path: "mlops-postgres-\(UUID())").path

    /// Template databases, migrated and granted once.
    private static let templates = Task {
        guard let server = shared else { return }
        for form in Form.allCases {
            let name = "template_\(form)"
            try await server.run("CREATE DATABASE \(name)")
            if form == .partitioned {
                try await server.run(partitionedSchema(), in: name)
            }
            try await PostgresRoles().setUp(server.url(name))
        }
    }

    /// The migrations with partitions, recorded as if they had been applied.
    private static func partitionedSchema() -> String {
        var script =
            "GRANT CREATE ON SCHEMA public TO mlops_owner; SET ROLE mlops_owner;"
            + PostgresConnection.bookkeepingDefinition
        for migration in PostgresConnection.migrations {
            script += ";" + partitioned(migration.up)
            script += """
                ;INSERT INTO schema_migrations VALUES (\(migration.version), '\(migration.name)',
                '\(migration.checksum)', '\(libraryVersion)', now())
                """
        }
        return script
    }

    static func partitioned(_ script: String) -> String {
        let whole = ["users", "organizations", "audit_logs", "api_keys"]
        return script.replacing(/CREATE TABLE (\w+) \((.*?)\n\);/.dotMatchesNewlines()) { match in
            let name = String(match.1)
            guard !whole.contains(name) else { return String(match.0) }
            let parts = (0..<4).map {
                """
                CREATE TABLE \(name)_\($0) PARTITION OF \(name)
                FOR VALUES WITH (MODULUS 4, REMAINDER \($0));
                """
            }
            return "CREATE TABLE \(name) (\(match.2)\n) PARTITION BY HASH (organization_id);\n"
                + parts.joined(separator: "\n")
        }
    }

    /// A new, migrated database.
    func makeDatabase(_ form: Form = .plain) async throws -> String {
        try await Self.templates.value
        let name = "test_\(Identifier<TestServer>().description.replacing("-", with: ""))"
        try await run("CREATE DATABASE \(name) TEMPLATE template_\(form)")
        return name
    }

    func dropDatabase(_ name: String) async throws {
        try await run("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
}

/// Limits the number of concurrent stores, because a server's connections are limited.
actor Permits {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

extension PostgresConnection {
    /// The socket.
    var descriptor: Int32 { PQsocket(handle) }

    /// The server's process.
    var process: Int32 { PQbackendPID(handle) }

    /// The rows of a query; all columns must be text.
    func texts(_ sql: Fragment) throws -> [[String?]] {
        var rows: [[String?]] = []
        try query(sql) { row in
            guard let row = row.row as? PostgresRow else { return false }
            rows.append(
                try (0..<row.result.columnCount).map { column in
                    guard case .text(let text) = try row.value(column, .text) else { return nil }
                    return text
                })
            return true
        }
        return rows
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs only if `Scripts/postgres` has started a server; `Scripts/test` reports if not.
    static var onServer: ConditionTrait {
        .enabled(if: TestServer.shared != nil, "needs a server: run it as `Scripts/test`")
    }
}
