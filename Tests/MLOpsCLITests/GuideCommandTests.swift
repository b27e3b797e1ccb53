import Foundation
import Testing

/// Runs the commands of the guides unchanged, one after another in one shell.
@Suite struct GuideCommandTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

    private func script(of guide: String, in module: String = "MLOpsCore") throws -> String {
        let file = Self.sources.appending(path: "\(module)/\(module).docc/\(guide).md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let blocks = text.components(separatedBy: "```sh\n").dropFirst()
        return blocks.compactMap { $0.components(separatedBy: "```").first }.joined()
    }

    @Test func ofTheTrailAndSecrets() async throws {
        let tool = try Tool()
        let result = try await tool.shell(script(of: "AuditAndSecrets"))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test(arguments: [
        ("PromotingModels", "1.1.0 is in production"),
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

    @Test func ofMonitoring() async throws {
        let tool = try Tool()
        let script = try script(of: "MonitoringAndDrift", in: "MLOpsOperations")
        let result = try await tool.shell(script)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("The data have drifted"))
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
