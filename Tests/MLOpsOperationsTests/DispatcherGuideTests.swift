import Foundation
import Logging
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations
import MLOpsTesting
import ServiceLifecycle
import Testing
import UnixSignals

// The snippet of the guide, to the letter: it compiles, and runs.

private func serve(
    _ server: any Service, with monitor: DeploymentMonitor, on store: any Store,
    allowing networks: [String], logger: Logger
) async throws {
    let allowed = try networks.map { try AddressRange($0) }
    let dispatcher = NotificationDispatcher(
        store: store,
        sender: DeliverySender(DeliveryOptions(addresses: AddressPolicy(allowing: allowed))),
        options: DispatcherOptions { "https://mlops.example.com/alerts/\($0.id)" },
        logger: logger)
    let group = ServiceGroup(
        services: [dispatcher, monitor, server], gracefulShutdownSignals: [.sigterm],
        logger: logger)
    try await group.run()
}

@Suite struct DispatcherGuideTests {
    /// Ends when an attempt to deliver was recorded.
    private struct Server: Service {
        let workspace: Workspace
        let alert: Identifier<Alert>

        func run() async throws {
            for try await deliveries in workspace.observe({ try $0.alerts.deliveries(of: alert) })
            where deliveries.contains(where: { $0.lastError != nil }) { return }
        }
    }

    @Test(.timeLimit(.minutes(1))) func theSnippetRuns() async throws {
        var configuration = SQLiteConfiguration()
        configuration.keys = StoreKeys(encryption: .generate(id: "k1"))
        let store = try await SQLiteStore.inMemory(configuration: configuration)
        let workspace = try await store.localWorkspace()
        let deployment = try await Fixtures.insertTree(into: workspace).deployment.id
        let alert = try await workspace.write { tx in
            // Nobody listens on the port of `discard`.
            let channel = try tx.notificationChannels.insert(
                NotificationChannel(
                    name: "gateway", channelType: .webhook,
                    config: [
                        "url": "http://127.0.0.1:9/alerts",
                        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                    ]))
            _ = try tx.notificationRules.insert(
                NotificationRule(
                    channel: channel.id, name: "grave", triggerType: .alert,
                    conditions: NotificationConditions(minimumSeverity: .high)))
            return try tx.alerts.raise(
                Alert(alertType: .custom, severity: .high, title: "Many errors"))
        }
        await #expect(throws: (any Error).self) {
            try await serve(
                Server(workspace: workspace, alert: alert.id),
                with: DeploymentMonitor(of: deployment, in: workspace), on: store,
                allowing: ["127.0.0.0/8"], logger: Logger(label: "test"))
        }
        let deliveries = try await workspace.read { try $0.alerts.deliveries(of: alert.id) }
        let delivery = try #require(deliveries.first { $0.attempts == 1 })
        #expect(delivery.state == .pending && delivery.nextAttemptAt != nil)
        #expect(delivery.lastError == "The host cannot be reached.")
        try await store.close()
    }
}
