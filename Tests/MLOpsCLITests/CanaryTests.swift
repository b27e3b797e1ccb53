import Foundation
import InMemoryLogging
import Logging
import MLOpsCore
import MLOpsPostgres
import Synchronization
import Testing

/// A thousand stored secrets, of which none may be revealed.
///
/// They are searched for in the database, its log, a copy, an export, errors, log lines and the
/// output of the tool.
@Suite struct CanaryTests {
    @Test func theGrepFindsWhatIsPlanted() {
        let texts = ["canary-0123456789+/", "another/secret?ü&"]
        let secrets: [[UInt8]] = texts.map { [UInt8]($0.utf8) }
        let grep = CanaryGrep(secrets)
        for (number, secret) in secrets.enumerated() {
            for (form, bytes) in CanaryGrep.forms(of: secret) {
                for count in 0..<5 {
                    let noise = [UInt8](repeating: UInt8(ascii: "="), count: 1000 + count)
                    let hits = grep.hits(in: Data(noise + bytes + noise))
                    #expect(hits.contains { $0 == (number, form) }, "\(form)")
                }
            }
            for alignment in 0..<3 {
                let before = [UInt8]("xyz".utf8).prefix(alignment)
                let text = Data(before + secret).base64EncodedString()
                #expect(!grep.hits(in: Data(text.utf8)).isEmpty, "alignment \(alignment)")
            }
            #expect(grep.hits(in: Data("no secret".utf8)).isEmpty)
        }
    }

    @Test func noSecretComesOut() async throws {
        let tool = try Tool()
        var canaries = try await Canaries()
        var log = InMemoryLogHandler()
        log.logLevel = .trace
        let told = CanaryLog()
        try await useSecrets(&canaries, tool, log, told)
        #expect(canaries.secrets.count > 1000)

        let grep = CanaryGrep(canaries.secrets)
        let shown = CanaryGrep(canaries.secrets + canaries.hashes)
        var seen = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: tool.directory.path) {
            let file = tool.directory.appending(path: name)
            guard let data = try? Data(contentsOf: file) else { continue }
            let isDatabase = name.contains(".db")
            let hits = (isDatabase ? grep : shown).hits(in: data)
            #expect(hits.isEmpty, "\(name): \(hits.prefix(5))")
            seen += data.count
        }
        #expect(seen > 1_000_000, "there is something to look through")
        let logged = log.entries.map { "\($0)" }
        for text in logged + told.lines {
            let hits = shown.hits(in: Data(text.utf8))
            #expect(hits.isEmpty, "\(hits.prefix(5)) in \(text.prefix(60))")
        }
        #expect(logged.count > 1000, "the log is on")
        // Control: a secret in plain text is found.
        let planted = tool.directory.appending(path: "planted")
        try Data(canaries.secrets[700]).write(to: planted)
        #expect(shown.hits(in: try Data(contentsOf: planted)).map(\.secret) == [700])
    }

    /// Stores the secrets, and tries every way to reveal them.
    private func useSecrets(
        _ canaries: inout Canaries, _ tool: Tool, _ log: InMemoryLogHandler, _ told: CanaryLog
    ) async throws {
        var configuration = SQLiteConfiguration()
        configuration.logger = Logger(label: "canary") { _ in log }
        configuration.slowStatementThreshold = .zero
        configuration.keys = canaries.keys
        let store = try await SQLiteStore.open(tool.database, configuration: configuration)
        let workspace = try await store.localWorkspace()
        let attempts = CanaryAttempts(told: told)
        try await attempts.keep(canaries, in: workspace)
        try await attempts.misuse(&canaries, store, workspace)
        try await store.backup(to: tool.directory.appending(path: "backup.db").path)
        let copy = try await SQLiteStore.open(
            tool.directory.appending(path: "copy.db").path, configuration: configuration)
        _ = try await StoreCopy(from: store, to: copy).run()
        try await copy.close()
        _ = try await AuditExport(of: workspace).run(
            to: tool.directory.appending(path: "trail.jsonl").path)
        // The write-ahead log still exists for the search, and for the tool.
        try await attempts.runTool(tool, &canaries)
        let wal = try Data(contentsOf: URL(filePath: tool.database + "-wal"))
        #expect(!wal.isEmpty)
        try wal.write(to: tool.directory.appending(path: "kept.db-wal"))
        try await store.close()
        let channel = canaries.channels[0]
        await attempts.fails { _ = try await workspace.notificationChannels.insert(channel) }
    }
}

/// Collects the texts that were revealed.
final class CanaryLog: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }

    func add(_ text: String) { kept.withLock { $0.append(text) } }
}
