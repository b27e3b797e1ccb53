import Foundation
import Logging
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations
import MLOpsTesting
import Synchronization
import Testing

/// Receivers that hang, storms, and a store that fails or holds rows.
@Suite struct DispatcherFaultTests {
    private let key = Data(repeating: 7, count: 32).base64EncodedString()

    private func store() async throws -> SQLiteStore {
        var configuration = SQLiteConfiguration()
        configuration.keys = StoreKeys(encryption: try KeyRing(parsing: "k1=\(key)", name: "test"))
        return try await SQLiteStore.inMemory(configuration: configuration)
    }

    private func addWebhook(
        _ name: String, to receiver: LoopbackReceiver, in workspace: Workspace
    ) async throws -> NotificationChannel {
        let channel = try await workspace.notificationChannels.insert(
            NotificationChannel(
                name: name, channelType: .webhook,
                config: [
                    "url": .string("http://127.0.0.1:\(receiver.port)/"),
                    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                ]))
        try await workspace.notificationRules.insert(
            NotificationRule(
                channel: channel.id, name: name, triggerType: .alert,
                conditions: NotificationConditions(metrics: [name]), cooldownSeconds: 0))
        return channel
    }

    private func raise(_ count: Int, for channel: String, in workspace: Workspace) async throws {
        try await workspace.write { tx in
            for number in 0..<count {
                _ = try tx.alerts.raise(
                    Alert(
                        alertType: .custom, title: "\(channel) \(number)",
                        context: ["metric": .string(channel)]))
            }
        }
    }

    /// Twenty receivers hang, each with more messages than it may have places, all due before those
    /// of the one that answers, in the same organization.
    @Test(.timeLimit(.minutes(30))) func receiversThatHangHoldUpNoOther() async throws {
        let store = try await store()
        let workspace = try await store.localWorkspace()
        let hanging = try (0..<20).map { _ in try LoopbackReceiver(hangs: true) }
        let good = try LoopbackReceiver(hangs: false)
        for (index, receiver) in hanging.enumerated() {
            _ = try await addWebhook("hangs\(index)", to: receiver, in: workspace)
            try await raise(30, for: "hangs\(index)", in: workspace)
        }
        _ = try await addWebhook("good", to: good, in: workspace)
        try await raise(100, for: "good", in: workspace)
        // An attempt takes longer than the test, so that no place is free again by itself.
        let sender = DeliverySender(
            DeliveryOptions(
                addresses: AddressPolicy(allowing: [try AddressRange("127.0.0.0/8")]),
                timeout: .seconds(3000)))
        let dispatcher = NotificationDispatcher(
            store: store, sender: sender, options: DispatcherOptions(lease: .seconds(3600)))
        let running = Task { try await dispatcher.run() }
        let start = ContinuousClock.now
        while good.times.count < 100, .now - start < .seconds(800) {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(good.times.count == 100, "\(good.times.count) after \(ContinuousClock.now - start)")
        // New ones go out at once, though the others still hang.
        try await raise(20, for: "good", in: workspace)
        let again = ContinuousClock.now
        while good.times.count < 120, .now - again < .seconds(800) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(good.times.count == 120)
        let held = hanging.reduce(0) { $0 + $1.hanging }
        #expect((20...192).contains(held), "\(held) of 256 places hang.")
        print(
            "100 messages beside 20 receivers that hang: \(again - start), "
                + "20 later ones: \(ContinuousClock.now - again), \(held) hang")
        // Nothing is lost: what was put off waits, and has no attempt.
        var pending: [AlertDelivery] = []
        for _ in 0..<300 {
            let deliveries = try await workspace.alerts.all().flatMap(\.deliveries)
            #expect(deliveries.count == 20 * 30 + 120)
            pending = deliveries.filter { $0.state == .pending }
            if pending.count == 600, pending.count(where: { $0.attempts == 0 }) >= 600 - 256 {
                break
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(pending.count == 600 && pending.count { $0.attempts == 0 } >= 600 - 256)
        running.cancel()
        _ = await running.result
        for receiver in hanging + [good] { receiver.close() }
        try await store.close()
    }

    /// Many alerts of a minute are a few messages to people.
    ///
    /// `MLOPS_STORM` sets their number; the benchmark has 10,000.
    @Test(.timeLimit(.minutes(5))) func aStormIsDigests() async throws {
        let count = ProcessInfo.processInfo.environment["MLOPS_STORM"].flatMap(Int.init) ?? 1500
        let site = try await DispatchSite(.slack)
        try await site.workspace.write { tx in
            for number in 0..<count {
                _ = try tx.alerts.raise(Alert(alertType: .custom, title: "alert \(number)"))
            }
        }
        let sender = RecordingSender()
        let dispatcher = site.dispatcher(sender)
        // The clock stands still, so that each second of the service is a run.
        for _ in 0..<200 {
            try await site.clock.whileAdvancing { _ = try await dispatcher.runOnce() }
            let open = try await site.workspace.alerts.count(where: { $0.nextDeliveryAt != nil })
            if open == 0 { break }
        }
        let told = sender.notifications.reduce(0) { $0 + $1.alertCount }
        #expect(told == count)
        print("\(count) alerts, \(sender.notifications.count) messages")
        #expect(sender.notifications.count <= 60, "\(sender.notifications.count) messages")
        let states = try await site.workspace.alerts.all().flatMap(\.deliveries).map(\.state)
        #expect(states.count == count && Set(states) == [.delivered])
        try await site.store.close()
    }
}

extension TestClock {
    /// Runs a body while the clock goes on a hundred times as fast as time.
    func whileAdvancing(_ body: () async throws -> Void) async throws {
        let ticking = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .milliseconds(10))
                advance(by: 1)
            }
        }
        defer { ticking.cancel() }
        try await body()
    }
}
