import Foundation
import InMemoryLogging
import Logging
import MLOpsCore
import MLOpsTesting
import Synchronization

@testable import MLOpsOperations

/// A deployment with a monitor, whose clocks a test moves.
final class MonitorFixture: Sendable {
    let workspace: Workspace
    let deployment: Identifier<Deployment>
    let clock = ManualClock()
    let log = InMemoryLogHandler()
    private let date: WallClock

    /// The time of the store.
    private final class WallClock: Sendable {
        let date = Mutex(Date(timeIntervalSince1970: 1_767_600_000))
    }

    init() async throws {
        let date = WallClock()
        var configuration = SQLiteConfiguration()
        configuration.clock = { date.date.withLock { $0 } }
        workspace = try await Workspace.inMemory(configuration: configuration)
        deployment = try await Fixtures.insertTree(into: workspace).deployment.id
        self.date = date
    }

    var now: Date { workspace.now }

    func monitor(
        _ detector: DriftDetector? = nil,
        _ change: (inout DeploymentMonitor.Configuration) -> Void = { _ in }
    ) -> DeploymentMonitor {
        var configuration = DeploymentMonitor.Configuration()
        let log = log
        configuration.logger = Logger(label: "test") { _ in log }
        change(&configuration)
        return DeploymentMonitor(
            of: deployment, in: workspace, detector: detector, configuration: configuration,
            clock: clock)
    }

    /// Lets time pass, of the store's clock as much as of the monitor's unless it jumps.
    func pass(_ seconds: Double, onTheWall wall: Double? = nil) {
        date.date.withLock { $0 += wall ?? seconds }
        clock.advance(by: .seconds(seconds))
    }

    /// The rows of a metric, by the time they were recorded.
    func series(_ metric: String) async throws -> [Double] {
        try await workspace.read { [deployment] tx in
            try tx.monitoring.series(
                of: deployment, metric: metric, from: .distantPast, to: .distantFuture)
        }.map(\.value)
    }

    /// The metrics that have rows.
    func names() async throws -> Set<String> {
        let deployment = deployment
        let rows = try await workspace.monitoring.all(where: { $0.deploymentID == deployment })
        return Set(rows.map(\.metricName)).subtracting(["latency_ms"])
    }

    func reports() async throws -> [DataDriftReport] {
        let (deployment, fixture) = (deployment, Fixtures.date)
        return try await workspace.driftReports.all(
            where: { $0.deploymentID == deployment && $0.periodStart > fixture + 86_400 })
    }

    var warnings: [String] {
        log.entries.filter { $0.level >= .warning }.map {
            "\($0.message) \($0.metadata["first"] ?? "")"
        }
    }
}
