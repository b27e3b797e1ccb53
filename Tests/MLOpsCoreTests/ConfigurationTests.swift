import Foundation
import InMemoryLogging
import Logging
import MLOpsTesting
import Testing

@testable import MLOpsCore

/// The options of a SQLite store's configuration.
@Suite struct ConfigurationTests {
    let scratch: Scratch
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    @Test(arguments: [(SQLiteConfiguration.Durability.normal, 1), (.full, 2)])
    func durabilityIsThatOfTheConnection(
        durability: SQLiteConfiguration.Durability, synchronous: Int
    ) async throws {
        var configuration = SQLiteConfiguration()
        configuration.durability = durability
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let found = try await store.writer.run {
            (
                synchronous: try $0.pragma("synchronous"),
                foreignKeys: try $0.pragma("foreign_keys"),
                automatic: try $0.pragma("wal_autocheckpoint")
            )
        }
        #expect(found == (synchronous, 1, 0))
        _ = try await store.localWorkspace()
        try await store.close()
    }

    @Test func openedSecretsAreRecordedIfConfigured() async throws {
        for access in [[] as AuditedAccess, .openedSecrets] {
            var configuration = SQLiteConfiguration()
            (configuration.keys, configuration.auditedAccess) = (Fixtures.keys, access)
            let store = try await SQLiteStore.inMemory(configuration: configuration)
            let workspace = try await store.localWorkspace()
            let channel = try await workspace.notificationChannels.insert(
                Fixtures.channel(1, config: ["token": "secret"]))
            let reading = await code {
                try await workspace.read {
                    _ = try $0.notificationChannels.openedConfig(of: channel.id)
                }
            }
            #expect(reading == (access.isEmpty ? nil : .readOnly))
            try await workspace.write {
                _ = try $0.notificationChannels.openedConfig(of: channel.id)
            }
            let entries = try await workspace.auditLogs.all {
                $0.action == "notification_channel.open"
            }
            let expected = access.isEmpty ? [] : [channel.id.description]
            #expect(entries.map(\.resourceID) == expected)
            try await store.close()
        }
    }

    /// A configuration to which every statement is a slow one; the warnings go to the log.
    private func loggingEveryStatement() -> (SQLiteConfiguration, InMemoryLogHandler) {
        let log = InMemoryLogHandler.warnings
        var configuration = SQLiteConfiguration()
        configuration.slowStatementThreshold = .zero
        configuration.logger = Logger(label: "test") { _ in log }
        return (configuration, log)
    }

    @Test func insertsAndFailuresAreSlowToo() async throws {
        let (configuration, log) = loggingEveryStatement()
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for step in 0..<10 { run.log("m", 1, step: step) }
        try await run.finish()
        #expect(log.lines.contains { $0.contains("INSERT INTO run_metrics") })
        let before = log.lines.count
        _ = await code { try await workspace.projects.insert(Project(name: "p")) }
        #expect(log.lines[before...].contains { $0.contains("INSERT INTO projects") })
        try await store.close()
    }

    @Test func aBulkInsertIsOneLineWithItsRows() async throws {
        let (configuration, log) = loggingEveryStatement()
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for step in 0..<300 { run.log("m", 1, step: step) }
        try await run.finish()
        _ = try await workspace.metrics.all()
        let inserts = log.lines.filter { $0.contains("INSERT INTO run_metrics") }
        #expect(inserts.count == 1 && inserts.allSatisfy { $0.contains(#""rows": 300"#) })
        let reads = log.lines.filter { $0.contains("FROM run_metrics") }
        #expect(reads.contains { $0.contains(#""rows": 300"#) })
        #expect(
            log.entries.allSatisfy {
                "\($0.metadata["sql"] ?? "")".split(separator: "\n").count == 1
            })
        try await store.close()
    }

    @Test func theTimeOfWhoTakesTheRowsIsNotTheStatements() async throws {
        let (configuration, log) = loggingEveryStatement()
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        try await workspace.projects.insert(Project(name: "p"))
        let before = log.lines.count
        let whole = try await workspace.read { tx in
            try ContinuousClock().measure {
                try tx.projects.forEach(Query()) { _ in
                    Thread.sleep(forTimeInterval: 0.2)
                    return true
                }
            }
        }
        let line = try #require(log.lines[before...].first { $0.contains("FROM projects") })
        let digits = try #require(line.firstMatch(of: /milliseconds": (\d+)/)).1
        let statement = Duration.milliseconds(try #require(Int64(digits)))
        #expect(statement + .milliseconds(200) <= whole, "\(line)")
        try await store.close()
    }

    @Test func aSlowStatementIsLoggedWithItsPlanAndWithoutValues() async throws {
        var (configuration, log) = loggingEveryStatement()
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let workspace = try await store.localWorkspace()
        try await workspace.projects.insert(Project(name: "s3cr3t"))
        _ = try await workspace.projects.all { $0.name == "s3cr3t" }
        try await store.close()
        let lines = log.lines.filter { $0.contains("FROM projects") && $0.contains("name = ?") }
        #expect(lines.contains { $0.contains("SEARCH projects USING INDEX") })
        #expect(!log.lines.contains { $0.contains("s3cr3t") })
        configuration.slowStatementThreshold = nil
        let count = log.lines.count
        let silent = try await SQLiteStore.open(path, configuration: configuration)
        _ = try await silent.localWorkspace()
        try await silent.close()
        #expect(log.lines.count == count)
    }
}

extension InMemoryLogHandler {
    /// Records the warnings of a store.
    static var warnings: InMemoryLogHandler {
        var handler = InMemoryLogHandler()
        handler.logLevel = .warning
        return handler
    }

    /// The logged messages, each with its metadata.
    var lines: [String] { entries.map { "\($0.message) \($0.metadata)" } }
}
