import Crypto
import Foundation
import Logging
import MLOpsCore
import Synchronization

extension FaultWorker {
    /// Migrates, and blocks forever in the n-th migration, before its commit.
    static func migrate(_ path: String, stoppingIn number: String) async throws {
        _ = try await SQLiteStore.open(
            path, configuration: stopping(at: "INSERT INTO schema_migrations", number))
        say("done")
    }

    /// Reverts every migration, and blocks forever in the n-th, before its commit.
    static func rollBack(_ path: String, stoppingIn number: String) async throws {
        let store = try await SQLiteStore.open(
            path, configuration: stopping(at: "DELETE FROM schema_migrations", number))
        _ = try await store.revertMigrations(to: 0)
        say("done")
    }

    /// Seals, exports and prunes the local trail; blocks forever in the n-th prune.
    ///
    /// It blocks before the commit.
    static func prune(_ path: String, stoppingIn number: String) async throws {
        let store = try await SQLiteStore.open(
            path, configuration: stopping(at: "DELETE FROM audit_logs", number))
        let workspace = try await store.localWorkspace()
        let key = Curve25519.Signing.PrivateKey()
        let seal = try await workspace.read { try $0.auditLogs.seal(with: key) }
        _ = try await AuditExport(of: workspace).run(to: path + ".jsonl")
        try await store.withSystemAccess(reason: "retention") { access in
            _ = try await AuditPrune(
                of: workspace.organizationID, before: seal, trusting: key.publicKey,
                exportedTo: path + ".jsonl", by: access
            ).run()
        }
        say("done")
    }

    /// Blocks in the log of slow statements, which is written inside their transaction.
    private static func stopping(at statement: String, _ count: String) -> SQLiteConfiguration {
        let handler = StoppingHandler(at: statement, after: Int(count) ?? 1)
        var configuration = SQLiteConfiguration()
        configuration.slowStatementThreshold = .zero
        configuration.logger = Logger(label: "worker") { _ in handler }
        return configuration
    }

    /// Holds a snapshot until the process is killed.
    static func holdSnapshot(_ path: String) async throws {
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        try await workspace.read { tx in
            let count = try tx.metrics.count()
            say("holding \(count)")
            while try tx.metrics.count() == count { Thread.sleep(forTimeInterval: 0.05) }
            say("moved")
        }
    }
}

private struct StoppingHandler: LogHandler {
    private final class Remaining: Sendable {
        let count: Atomic<Int>
        init(_ count: Int) { self.count = Atomic(count) }
    }

    private let statement: String
    private let remaining: Remaining
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    init(at statement: String, after count: Int) {
        self.statement = statement
        remaining = Remaining(count)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard "\(event.metadata ?? [:])".contains(statement),
            remaining.count.subtract(1, ordering: .relaxed).newValue == 0
        else { return }
        FaultWorker.say("inside")
        while true { Thread.sleep(forTimeInterval: 60) }
    }
}
