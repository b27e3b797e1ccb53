import Foundation
import MLOpsTesting
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Rows that a tenant's transaction holds keep no dispatcher waiting.
@Suite(.onServer) struct PostgresDispatchTests {
    private func withAlerts(
        _ body: (PostgresStore, Workspace, [Alert], SystemAccess) async throws -> Void
    ) async throws {
        let server = try #require(TestServer.shared)
        try await server.withDatabase { database in
            let store = try await server.store(database)
            let workspace = try await store.localWorkspace()
            for name in ["a", "b"] {
                let channel = try await workspace.notificationChannels.insert(
                    NotificationChannel(name: name, channelType: .webhook))
                try await workspace.notificationRules.insert(
                    NotificationRule(
                        channel: channel.id, name: name, triggerType: .alert,
                        conditions: NotificationConditions(
                            minimumSeverity: name == "a" ? .info : .high)))
            }
            let alerts = try await workspace.alerts.insert(
                contentsOf: (0..<4).map {
                    Alert(alertType: .custom, severity: .low, title: "alert \($0)")
                })
            try await store.withSystemAccess(reason: "test") { access in
                try await body(store, workspace, alerts, access)
            }
            try await store.close()
        }
    }

    /// Runs a body while another transaction has changed an alert.
    private func whileHolding(
        _ id: Identifier<Alert>, in workspace: Workspace, _ body: () async throws -> Void
    ) async throws {
        let (started, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let holder: Void = workspace.write { tx in
            _ = try tx.alerts.comment(id, "held")
            started.signal()
            release.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                started.wait()
                continuation.resume()
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        release.signal()
        try await holder
        try result.get()
    }

    @Test(.timeLimit(.minutes(1))) func aLockedAlertKeepsItsResultAndNoOther() async throws {
        try await withAlerts { _, workspace, alerts, access in
            let claims = try await access.claimDeliveries(limit: 10, lease: 60).deliveries
            let results = claims.map { DeliveryResult($0, .postponed(until: .now + 60)) }
            try await whileHolding(alerts[1].id, in: workspace) {
                let left = try await access.endDeliveries(results)
                #expect(left.map(\.alertID) == [alerts[1].id])
            }
            #expect(try await access.endDeliveries(results).isEmpty)
            let attempts = try await workspace.alerts.all().flatMap(\.deliveries).map(\.attempts)
            #expect(attempts == [0, 0, 0, 0])
        }
    }

    @Test(.timeLimit(.minutes(1))) func aDigestLeavesWhatIsLocked() async throws {
        try await withAlerts { _, workspace, alerts, access in
            let claims = try await access.claimDeliveries(limit: 10, lease: 60).deliveries
            var made: DeliveryDigest?
            try await whileHolding(claims[0].alert.id, in: workspace) {
                let (digest, left) = try await access.digestDeliveries(claims, in: nil, at: .now)
                #expect(left.map(\.delivery.id) == [claims[0].delivery.id])
                #expect(digest?.deliveryID == claims[1].delivery.id)
                made = digest
            }
            // A digest whose alert is locked takes nothing more; another one is made.
            try await whileHolding(claims[1].alert.id, in: workspace) {
                let (other, left) = try await access.digestDeliveries(
                    [claims[0]], in: made, at: .now)
                #expect(other?.deliveryID == claims[0].delivery.id && left.isEmpty)
            }
            let digests = try await access.claimDeliveries(limit: 10, lease: 60).deliveries
            #expect(digests.map(\.alertCount).sorted() == [1, 3])
            // The end of a digest waits for each of its alerts, and holds up no other result.
            try await whileHolding(claims[2].alert.id, in: workspace) {
                let left = try await access.endDeliveries(
                    digests.map { DeliveryResult($0, .delivered) })
                #expect(left.map(\.deliveryID) == [claims[1].delivery.id])
                #expect(try await access.endDeliveries(left) == left)
            }
            let results = digests.map { DeliveryResult($0, .delivered) }
            #expect(try await access.endDeliveries(results).isEmpty)
            let states = try await workspace.alerts.all().flatMap(\.deliveries).map(\.state)
            #expect(states == Array(repeating: .delivered, count: alerts.count))
        }
    }

    /// What tells of a channel that fails may be locked as well.
    @Test(.timeLimit(.minutes(1))) func aFailureWaitsForTheAlertThatTellsIt() async throws {
        try await withAlerts { _, workspace, _, access in
            let claims = try await access.claimDeliveries(limit: 10, lease: 60).deliveries
            _ = try await access.endDeliveries([DeliveryResult(claims[0], .failed)])
            let told = try #require(
                try await workspace.alerts.all(where: { $0.severity == .high }).first)
            let results = [
                DeliveryResult(claims[1], .failed), DeliveryResult(claims[2], .delivered),
            ]
            try await whileHolding(told.id, in: workspace) {
                let left = try await access.endDeliveries(results)
                #expect(left.map(\.deliveryID) == [claims[1].delivery.id])
            }
            #expect(try await access.endDeliveries(results).isEmpty)
            #expect(try await workspace.alerts.find(told.id).occurrences == 2)
        }
    }
}
