import Foundation
import Logging
import MLOpsCore
import MLOpsOperations
import Metrics
import ServiceLifecycle
import Testing
import UnixSignals

// The snippets of the guide, to the letter: they compile, and run.

private func keepReference(
    amounts: [Double], countries: [String?], in run: RunLogger
) async throws {
    let profile = try ReferenceProfile(of: [
        ("amount", .numeric(amounts)), ("country", .categorical(countries)),
    ])
    try await run.logReferenceProfile(profile)
}

private func monitor(
    _ deployment: Identifier<Deployment>, in workspace: Workspace
) async throws -> DeploymentMonitor {
    let profile = try await workspace.referenceProfile(ofLiveVersionOn: deployment)
    return DeploymentMonitor(
        of: deployment, in: workspace, detector: try DriftDetector(profile: profile))
}

private func predict(
    amount: Double, country: String, by model: (Double, String) -> Double,
    with monitor: DeploymentMonitor
) -> Double {
    let start = ContinuousClock.now
    let score = model(amount, country)
    monitor.observe(["amount": amount], categories: ["country": country])
    monitor.record("latency_ms", (ContinuousClock.now - start) / .milliseconds(1))
    if score.isNaN { monitor.count("errors") }
    return score
}

private func serve(
    _ server: any Service, with monitor: DeploymentMonitor, logger: Logger
) async throws {
    MetricsSystem.bootstrap(MonitorMetricsFactory(monitor))
    let group = ServiceGroup(
        services: [monitor, server], gracefulShutdownSignals: [.sigterm], logger: logger)
    try await group.run()
}

private func watch(_ deployment: Identifier<Deployment>, in workspace: Workspace) async throws {
    let slow = WatchRule(
        severity: .high, alertType: .highLatency, failing: 3, window: 5, resolvesAfter: 5)
    let policy = MonitoringPolicy(
        metrics: [
            "latency_ms.p95": MetricPolicy(maximum: 250, rule: slow, silenceSeconds: 600),
            "errors.rate": MetricPolicy(maximum: 0.5),
        ],
        drift: WatchRule(severity: .medium))
    try await workspace.write { tx in
        _ = try tx.deployments.setMonitoringPolicy(policy, of: deployment)
    }
}

@Suite struct MonitoringGuideTests {
    /// Serves requests that fail, and ends.
    private struct Server: Service {
        let monitor: DeploymentMonitor

        func run() async throws {
            for index in 0..<200 {
                Counter(label: "requests").increment()
                _ = predict(
                    amount: Double(index % 50) + 30, country: "DE", by: { _, _ in .nan },
                    with: monitor)
            }
        }
    }

    @Test func theSnippetsRun() async throws {
        let fixture = try await MonitorFixture()
        let deployment = fixture.deployment
        let run = try await fixture.workspace.withRun(
            project: "fraud", experiment: "guide", name: "train"
        ) { run in
            try await keepReference(
                amounts: (0..<500).map { Double($0 % 50) },
                countries: Array(repeating: "DE", count: 500), in: run)
            return run.id
        }
        try await fixture.workspace.write { tx in
            let model = try tx.modelVersion(of: tx.deployments.find(deployment)).modelID
            let version = try tx.modelVersions.insert(
                ModelVersion(model: model, version: "guide", sourceRun: run))
            try tx.deployments.update(deployment, to: version.id, reason: nil)
        }
        try await watch(fixture.deployment, in: fixture.workspace)
        let monitor = try await monitor(fixture.deployment, in: fixture.workspace)
        await #expect(throws: (any Error).self) {
            try await serve(
                Server(monitor: monitor), with: monitor, logger: Logger(label: "test"))
        }
        #expect(try await fixture.series("requests.count") == [200])
        #expect(try await fixture.series("errors.count") == [200])
        let types = try await fixture.workspace.alerts.all(where: { $0.status == .open })
            .map(\.alertType)
        #expect(Set(types).isSuperset(of: [.dataDrift, .performanceDegradation]))
    }

    @Test(arguments: ["MonitoringAndDrift", "MLOpsOperations", "RunningTheDispatcher"])
    func everySnippetCompiles(page: String) throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(
                path: "Sources/MLOpsOperations/MLOpsOperations.docc/\(page).md"), encoding: .utf8)
        let source = try ["MonitoringGuideTests", "GuideExampleTests", "DispatcherGuideTests"].map {
            try String(contentsOf: tests.appending(path: "\($0).swift"), encoding: .utf8)
        }.joined().replacing("private func ", with: "func ")
        let snippets = text.components(separatedBy: "```swift\n").dropFirst()
        #expect(!snippets.isEmpty)
        for snippet in snippets {
            let code = try #require(snippet.components(separatedBy: "\n```").first)
            #expect(source.contains(code), "\(code)")
        }
    }
}
