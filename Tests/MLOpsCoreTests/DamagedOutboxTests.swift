import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore

@Suite struct DamagedOutboxTests {
    /// One alert that cannot be read keeps the messages of no other one waiting.
    @Test func anAlertThatCannotBeReadHoldsUpNoOther() async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await store.localWorkspace()
        let channel = try await workspace.notificationChannels.insert(
            NotificationChannel(name: "c", channelType: .webhook))
        try await workspace.notificationRules.insert(
            NotificationRule(channel: channel.id, name: "r", triggerType: .alert))
        let alerts = try await workspace.alerts.insert(
            contentsOf: ["bad", "good"].map { Alert(alertType: .custom, title: $0) })
        try await store.withSystemAccess(reason: "test") { access in
            try await access.write { [bad = alerts[0].id] tx in
                let document = JSONValue.array(["damaged"])
                try tx.engine.execute(
                    "UPDATE alerts SET deliveries = \(document) WHERE id = \(bad)")
            }
            let claimed = try await access.claimDeliveries(limit: 10, lease: 60).deliveries
            #expect(claimed.map(\.alert.id) == [alerts[1].id])
            // A result for one that was damaged meanwhile holds up no other either.
            let results = claimed.map { DeliveryResult($0, .delivered) }
            try await access.write { [good = alerts[1].id] tx in
                let document = JSONValue.array(["damaged"])
                try tx.engine.execute(
                    "UPDATE alerts SET deliveries = \(document) WHERE id = \(good)")
            }
            #expect(try await access.endDeliveries(results).isEmpty)
        }
        try await store.close()
    }
}
