import Foundation
import InMemoryLogging
import Logging
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Runs a body with a workspace in a new database.
func withWorkspace(
    _ change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (TestServer, String, Workspace) async throws -> Void
) async throws {
    let server = try #require(TestServer.shared)
    try await server.withDatabase { database in
        let store = try await server.store(database, change)
        let workspace = try await store.localWorkspace()
        try await body(server, database, workspace)
        try await store.close()
    }
}

func expect(
    _ code: StoreError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? StoreError)?.code == code, "\(error)", sourceLocation: sourceLocation)
    }
}

func expectCancellation<Value>(
    of task: Task<Value, any Error>, sourceLocation: SourceLocation = #_sourceLocation
) async {
    do {
        _ = try await task.value
        Issue.record("the cancelled task ended as if it were not", sourceLocation: sourceLocation)
    } catch {
        #expect(error is CancellationError, "\(error)", sourceLocation: sourceLocation)
    }
}

extension Fixtures {
    /// Points of one metric, with steps from 0.
    static func points(_ count: Int, of run: Identifier<ExperimentRun>) -> [RunMetric] {
        (0..<count).map {
            RunMetric(run: run, metricName: "loss", value: Double($0), step: Int64($0))
        }
    }
}

extension TestServer {
    /// Ends every session of a database.
    func endSessions(of database: String) async throws {
        try await run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database)'")
        try await waitUntil(
            "SELECT 'x' WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity "
                + "WHERE datname = '\(database)')", in: "postgres")
    }

    /// Ends the session of a transaction from another session.
    func endSession(of transaction: any Transaction) throws {
        let connection = try PostgresConnection(
            url("postgres"), configuration: PostgresConfiguration(), interruption: Interruption())
        try connection.runScript(
            "SELECT pg_terminate_backend(\(transaction.session?.process ?? 0), 5000)")
    }

    /// Waits until the session of a transaction has ended.
    func waitForEnd(of transaction: any Transaction) throws {
        let process = transaction.session?.process ?? 0
        let connection = try PostgresConnection(
            url("postgres"), configuration: PostgresConfiguration(), interruption: Interruption())
        let deadline = ContinuousClock.now + .seconds(60)
        while try !connection.texts(
            "SELECT 'x' FROM pg_stat_activity WHERE pid = \(raw: "\(process)")"
        ).isEmpty {
            guard ContinuousClock.now < deadline else {
                Issue.record("the session does not end")
                return
            }
            usleep(10_000)
        }
    }

    /// Waits until a query returns a row.
    func waitUntil(_ sql: String, in database: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await rows(sql, in: database).isEmpty {
            guard ContinuousClock.now < deadline else {
                Issue.record("it never came to \(sql)")
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension TestServer {
    /// The messages that a connection logs, from its login to its end.
    func reports(
        of database: String, slowerThan threshold: Duration? = nil,
        _ body: @escaping @Sendable (PostgresConnection) throws -> Void = { _ in }
    ) async throws -> [String] {
        var log = InMemoryLogHandler()
        log.logLevel = .trace
        var configuration = PostgresConfiguration()
        configuration.slowStatementThreshold = threshold
        configuration.logger = Logger(label: "test") { [log] _ in log }
        let queue = ConnectionQueue(label: "test") { [configuration] in
            try PostgresConnection(
                url(database), configuration: configuration, interruption: $0)
        }
        try await queue.run(body)
        await queue.close()
        return log.entries.map { "\($0.message) \($0.metadata)" }
    }
}

extension Transaction {
    var session: PostgresConnection? {
        (self as? SQLTransaction)?.connection as? PostgresConnection
    }

    func run(_ sql: Fragment) throws {
        try (self as? SQLTransaction)?.connection.execute(sql)
    }

    func sleep(_ seconds: Int) throws {
        _ = try (self as? SQLTransaction)?.rows("SELECT pg_sleep(\(raw: "\(seconds)"))::text") {
            try $0.next(String.self)
        }
    }
}

extension Workspace {
    /// Runs a body through `submit`, and returns its value.
    func submitted<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        let value = Mutex<Value?>(nil)
        let result = await withCheckedContinuation { continuation in
            store.submit(as: access) { tx in
                let found = try body(tx)
                value.withLock { $0 = found }
            } completion: {
                continuation.resume(returning: $0)
            }
        }
        try result.get()
        return try #require(value.withLock { $0 })
    }
}
