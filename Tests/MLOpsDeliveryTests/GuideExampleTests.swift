import Foundation
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations
import MLOpsTesting
import Testing

// The snippet of the module's page, to the letter: it compiles, and runs.

private func tell(
    of alert: Identifier<Alert>, through channel: Identifier<NotificationChannel>,
    in workspace: Workspace, allowing networks: [String]
) async throws -> DeliveryOutcome {
    let (alert, channel, config) = try await workspace.read { tx in
        (
            try tx.alerts.find(alert), try tx.notificationChannels.find(channel),
            try tx.notificationChannels.openedConfig(of: channel)
        )
    }
    let allowed = try networks.map { try AddressRange($0) }
    let sender = DeliverySender(DeliveryOptions(addresses: AddressPolicy(allowing: allowed)))
    return await sender.send(
        AlertNotification(alert, event: .triggered, deliveryID: UUID()),
        through: channel.channelType, config: config)
}

@Test(.withReceivers) func theExampleOfTheGuideRuns() async throws {
    let port = try #require(Receivers.shared.get().ports["plainMail"])
    let workspace = try await Workspace.inMemory()
    let channel = try await workspace.notificationChannels.insert(
        NotificationChannel(
            name: "on-call", channelType: .email,
            config: [
                "host": "127.0.0.1", "port": .int(Int64(port)), "security": "none",
                "from": "mlops@acme.example", "to": ["ops@acme.example"],
            ]))
    let alert = try await workspace.write {
        try $0.alerts.raise(Alert(alertType: .custom, title: "The queue is full"))
    }
    let outcome = try await tell(
        of: alert.id, through: channel.id, in: workspace, allowing: ["127.0.0.0/8"])
    #expect(outcome == DeliveryOutcome(.delivered))
    let refused = try await tell(of: alert.id, through: channel.id, in: workspace, allowing: [])
    #expect(refused.verdict == .refused)
}
