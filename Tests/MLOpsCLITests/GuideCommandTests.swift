import Foundation
import Testing

@testable import mlops

private let systemd = "/usr/bin/systemd-analyze"

/// Runs the commands of the guides unchanged, one after another in one shell.
@Suite struct GuideCommandTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

    private func script(of guide: String, in module: String = "MLOpsCore") throws -> String {
        try blocks("sh", of: guide, in: module).joined()
    }

    private func blocks(
        _ language: String, of guide: String, in module: String
    ) throws -> [String] {
        let file = Self.sources.appending(path: "\(module)/\(module).docc/\(guide).md")
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.components(separatedBy: "```\(language)\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
    }

    @Test func ofTheTrailAndSecrets() async throws {
        let tool = try Tool()
        let result = try await tool.shell(script(of: "AuditAndSecrets"))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test(arguments: [
        ("CommandLine", "the data have drifted"),
        ("PromotingModels", "1.1.0 is in production"),
        ("ChangingDeployments", "changes: fires, through E-mail to the ML team"),
        ("Alerts", "drift: fires, through ml-alerts"),
        ("ComingFromAlertmanager", "oncall: fires, through pager"),
    ])
    func onTheSampleData(guide: String, answer: String) async throws {
        let tool = try Tool()
        let folder = "cd '\(tool.directory.path)'\n"
        let result = try await tool.shell(folder + script(of: guide))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains(answer), "\(result.output)")
    }

    /// Each command is in a block of some guide, which another test runs.
    @Test func everyCommandIsInAGuide() throws {
        let files = FileManager.default.enumerator(
            at: Self.sources, includingPropertiesForKeys: nil)
        let guides = (files?.allObjects as? [URL] ?? []).filter { $0.path.contains(".docc/") }
            .filter { $0.pathExtension == "md" }
        let scripts = try guides.map { file in
            try String(contentsOf: file, encoding: .utf8).components(separatedBy: "```sh\n")
                .dropFirst().compactMap { $0.components(separatedBy: "```").first }.joined()
        }.joined()
        let missing = HelpTests.leaves(of: MLOps.self).filter { !scripts.contains($0) }
        #expect(missing.isEmpty, "no guide has \(missing.joined(separator: ", "))")
    }

    @Test func ofMonitoring() async throws {
        let tool = try Tool()
        let script = try script(of: "MonitoringAndDrift", in: "MLOpsOperations")
        let result = try await tool.shell(script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("The data have drifted"))
    }

    @Test(.timeLimit(.minutes(1))) func ofTheDispatcher() async throws {
        let tool = try Tool()
        let script = try script(of: "RunningTheDispatcher", in: "MLOpsOperations")
        let result = try await tool.shell("cd '\(tool.directory.path)'\n" + script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("0 delivered, 1 to be tried again, 0 given up"))
        #expect(result.output.contains("The host cannot be reached."))
    }

    /// Where systemd is, it finds nothing to say about the unit.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: systemd)))
    func theUnitIsValid() async throws {
        let tool = try Tool()
        let units = try blocks("ini", of: "RunningTheDispatcher", in: "MLOpsOperations")
        let unit = try #require(units.first).replacing(
            "/usr/local/bin/mlops", with: Tool.executable.path)
        let file = tool.directory.appending(path: "mlops-notify.service")
        try Data(unit.utf8).write(to: file)
        let result = try await tool(
            ["verify", file.path], program: URL(filePath: systemd))
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.output)\(result.errors)")
    }

    /// The stores that the real programs have written; `Scripts/sources` lets them.
    private static let stores = sources.deletingLastPathComponent()
        .appending(path: ".build-transfer/sources")

    @Test(.enabled(if: FileManager.default.fileExists(atPath: stores.path)))
    func ofImports() async throws {
        let tool = try Tool()
        for name in ["mlflow/mlflow.db", "mlruns/mlruns", "trackio", "tensorboard/logs"] {
            let store = Self.stores.appending(path: name)
            try FileManager.default.copyItem(
                at: store, to: tool.directory.appending(path: store.lastPathComponent))
        }
        let script = try script(of: "Importing", in: "MLOpsTransfer")
        let result = try await tool.shell("cd '\(tool.directory.path)'\n" + script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("taken from csv into the project digits: nothing"))
        for project in ["from-mlflow", "from-mlruns", "from-trackio", "from-tensorboard"] {
            #expect(result.output.contains("into the project \(project): "), "\(result.output)")
        }
    }

    @Test func ofExports() async throws {
        let tool = try Tool()
        let script = try script(of: "Exporting", in: "MLOpsTransfer")
        let result = try await tool.shell("cd '\(tool.directory.path)'\n" + script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("taken from csv into the project copy: "))
    }

    @Test(.timeLimit(.minutes(10))) func ofServing() async throws {
        let tool = try Tool()
        let script = try script(of: "Serving", in: "MLOpsServer")
        let result = try await tool.shell("set -e; cd '\(tool.directory.path)'\n" + script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("{}"), "\(result.output)")
    }

    @Test func ofArchives() async throws {
        let tool = try Tool()
        let script = try script(of: "Archives", in: "MLOpsTransfer")
        let result = try await tool.shell("cd '\(tool.directory.path)'\n" + script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("into the project Copy: nothing"), "\(result.output)")
    }

    @Test func ofBackups() async throws {
        let tool = try Tool()
        let script = try "mlops seed --database mlops.db\n" + script(of: "Backup")
        let result = try await tool.shell(script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test func ofAccessControl() async throws {
        let tool = try Tool()
        let result = try await tool.shell(script(of: "AccessControl"))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }
}
