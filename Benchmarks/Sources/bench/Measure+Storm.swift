import Foundation
import MLOpsCore
import MLOpsOperations
import Synchronization

/// A receiver in the process, which counts what it is told.
private final class CountingSender: NotificationSender {
    struct Count {
        var messages = 0
        var alerts = 0
    }

    private let count = Mutex(Count())
    var told: Count { count.withLock { $0 } }

    func send(
        _ notification: AlertNotification, through type: NotificationChannelType,
        config: Secret<JSONValue>
    ) async -> DeliveryOutcome {
        count.withLock {
            $0.messages += 1
            $0.alerts += notification.alertCount
        }
        return DeliveryOutcome(.delivered)
    }
}

/// The case of a storm: many alerts at once, to people.
extension Measure {
    /// Alerts raised beside a dispatcher, each in a transaction, and the messages that tell them.
    func storm(_ store: some Store) async throws -> [String: Figure] {
        let workspace = try await store.localWorkspace()
        let channel = try await workspace.notificationChannels.insert(
            NotificationChannel(name: "chat", channelType: .slack))
        try await workspace.notificationRules.insert(
            NotificationRule(channel: channel.id, name: "all", triggerType: .alert))
        let sender = CountingSender()
        let dispatcher = NotificationDispatcher(store: store, sender: sender)
        let running = Task { try await dispatcher.run() }
        let memory = try ResidentMemory.now()
        try ResidentMemory.resetPeak()
        let start = ContinuousClock.now
        for number in 0..<count {
            try await workspace.write {
                _ = try $0.alerts.raise(Alert(alertType: .custom, title: "alert \(number)"))
            }
        }
        let raised = (ContinuousClock.now - start) / .seconds(1)
        // A digest goes out at the end of its minute.
        for _ in 0..<3000 where sender.told.alerts < count {
            try await Task.sleep(for: .milliseconds(100))
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let growth = try ResidentMemory.peak() - memory
        try await Task.sleep(for: .seconds(1))
        running.cancel()
        _ = await running.result
        let states = try await workspace.alerts.all().flatMap(\.deliveries).map(\.state)
        let told = sender.told
        guard states == Array(repeating: .delivered, count: count), told.alerts == count else {
            let delivered = states.count { $0 == .delivered }
            throw StoreError(
                .database,
                "\(delivered) of \(count) are delivered, and \(told.alerts) were told.")
        }
        return [
            "storm, raised": .number(Double(count) / raised * 60),
            "storm, messages": .number(Double(told.messages)),
            "storm, all told": .number(seconds), "storm, memory": .number(growth),
        ]
    }
}
