import Foundation
import MLOpsCore
import Testing

@testable import MLOpsTransfer

private let isAsked = ProcessInfo.processInfo.environment["MLOPS_MLFLOW_SERVER"] != nil

/// MLflow's own server on a copy of its database; CI runs it alone, because beside all other tests
/// the server refuses connections.
@Suite(.enabled(if: isAsked && RealSources.exist("mlflow"))) struct MLflowServerTests {
    private final class Server: Sendable {
        static let python = RealSources.directory.appending(path: "../bin/python").standardized
        let process = Process()
        let url: String

        init(_ database: URL, log: URL) throws {
            let port = Int.random(in: 20_000..<30_000)
            url = "http://127.0.0.1:\(port)"
            process.executableURL = Self.python
            process.arguments = [
                "-m", "uvicorn", "--host", "127.0.0.1", "--port", "\(port)", "--workers", "1",
                "mlflow.server.fastapi_app:app",
            ]
            let store = "sqlite:///\(database.path)"
            process.environment = [
                "PATH": "/usr/bin:/bin", "DO_NOT_TRACK": "true", "MLFLOW_TRACKING_URI": store,
                "_MLFLOW_SERVER_FILE_STORE": store, "_MLFLOW_SERVER_REGISTRY_STORE": store,
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
                "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
                "_MLFLOW_SERVER_ARTIFACT_DESTINATION":
                    log.deletingLastPathComponent().appending(path: "behind").path,
            ]
            process.currentDirectoryURL = log.deletingLastPathComponent()
            try Data().write(to: log)
            let output = try FileHandle(forWritingTo: log)
            process.standardOutput = output
            process.standardError = output
            try process.run()
        }

        /// Ends the server at once: it inherits that other signals are blocked.
        deinit { kill(process.processIdentifier, SIGKILL) }
    }

    /// A server on a copy of the database, once it answers.
    private func server(_ fixture: TransferFixture) async throws -> Server {
        let original = RealSources.directory.appending(path: "mlflow/mlflow.db")
        let copy = fixture.directory.appending(path: "mlflow.db")
        try FileManager.default.copyItem(at: original, to: copy)
        let server = try Server(copy, log: fixture.directory.appending(path: "server.txt"))
        // Its log tells; asking it would hold up other tests.
        var isReady = false
        for _ in 0..<1200 where !isReady {
            let text = try String(
                contentsOf: fixture.directory.appending(path: "server.txt"), encoding: .utf8)
            isReady = text.contains("Application startup complete")
            if !isReady { try await Task.sleep(for: .milliseconds(500)) }
        }
        try #require(isReady)
        return server
    }

    @Test(.timeLimit(.minutes(15))) func aServerGivesWhatItsDatabaseHas() async throws {
        let fixture = try await TransferFixture()
        let server = try await server(fixture)
        defer { withExtendedLifetime(server) {} }
        let source = try MLflowServerSource(server.url)
        let report = try await fixture.take(source)
        let own = try await fixture.runs()
        let other = try await TransferFixture()
        let original = RealSources.directory.appending(path: "mlflow/mlflow.db")
        _ = try await other.take(MLflowSource(original))
        let expected = try await other.runs()
        #expect(own.keys.sorted() == expected.keys.sorted(), "\(report)")
        for (name, run) in expected {
            let found = try #require(own[name])
            #expect(found.run.id == run.run.id && found.run.status == run.run.status)
            #expect(found.run.parameters == run.run.parameters && found.run.tags == run.run.tags)
            #expect(found.run.startedAt == run.run.startedAt)
            #expect(found.run.completedAt == run.run.completedAt)
            #expect(found.run.metrics == run.run.metrics, "\(name)")
            #expect(found.run.artifacts == run.run.artifacts && found.run.kind == run.run.kind)
            #expect(found.run.parentRunID == run.run.parentRunID)
            #expect(found.experiment.name == run.experiment.name)
            for (metric, points) in run.points {
                #expect(Set(found.points[metric] ?? []) == Set(points), "\(name) \(metric)")
            }
        }
        #expect(report.taken.models == 2 && report.taken.modelVersions == 2)
        let again = try await fixture.take(source)
        #expect(again.taken == ImportReport.Counts())
        // The database itself is known, too: it adds what the server does not tell.
        let rest = try await fixture.take(MLflowSource(original))
        #expect(rest.taken.points == 0 && rest.taken.runs == 0 && rest.taken.modelVersions == 1)
        #expect(expected["parent"]?.run.artifacts.count == 2 && expected["net"]?.points.count == 1)
        try await takeWhatIsProxied(server, fixture, source)
    }

    private func takeWhatIsProxied(
        _ server: Server, _ fixture: TransferFixture, _ source: MLflowServerSource
    ) async throws {
        let script = Process()
        script.executableURL = Server.python
        script.arguments = [
            URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "Sources/write_server.py").path,
            server.url, fixture.directory.appending(path: "files").path,
        ]
        let output = Pipe()
        script.standardOutput = output
        try script.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        script.waitUntilExit()
        let last = try #require(printed.split(separator: UInt8(ascii: "\n")).last)
        let hashes = try JSONDecoder().decode([String: String].self, from: Data(last))
        let report = try await fixture.take(source)
        #expect(
            report.taken.artifacts == 2 * hashes.count && report.notes.left.isEmpty, "\(report)")
        let runs = try await fixture.runs()
        for name in ["with files", "proxied net"] {
            let found = try #require(runs[name]?.run.artifacts)
            #expect(found.mapValues(\.sha256) == hashes)
            for artifact in found.values { _ = try fixture.store.artifacts.verified(artifact) }
        }
        #expect(runs["with files"]?.run.artifacts["model.bin"]?.fileExtension == "bin")
        // What is behind the proxy and gone is left and told.
        let behind = fixture.directory.appending(path: "behind")
        try FileManager.default.removeItem(at: behind)
        let other = try await TransferFixture()
        let rest = try await other.take(source)
        #expect(try await other.runs()["with files"]?.run.artifacts.isEmpty == true)
        #expect(rest.taken.runs > 2)
    }

    @Test func whatIsNoServerIsRefused() throws {
        for url in ["ftp://localhost", "http://", "mlflow.db", "http://user:secret@localhost"] {
            #expect(throws: ImportSourceError.self) { _ = try MLflowServerSource(url) }
        }
        var notes = ImportNotes()
        let error = #expect(throws: ImportSourceError.self) {
            _ = try MLflowServerSource("http://127.0.0.1:1").outline(&notes)
        }
        #expect(error?.kind == .unreadable)
    }
}
