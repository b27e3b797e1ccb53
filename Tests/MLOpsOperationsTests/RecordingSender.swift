import Foundation
import MLOpsCore
import MLOpsOperations
import Synchronization

/// A sender that keeps what it is given, and answers as it is told.
final class RecordingSender: NotificationSender {
    private let sent = Mutex<[AlertNotification]>([])
    private let answer:
        @Sendable (_ notification: AlertNotification, _ earlier: Int) async -> DeliveryOutcome

    init(
        _ answer: @escaping @Sendable (AlertNotification, Int) async -> DeliveryOutcome = { _, _ in
            DeliveryOutcome(.delivered)
        }
    ) { self.answer = answer }

    var notifications: [AlertNotification] { sent.withLock { $0 } }

    func send(
        _ notification: AlertNotification, through type: NotificationChannelType,
        config: Secret<JSONValue>
    ) async -> DeliveryOutcome {
        let earlier = sent.withLock { sent in
            sent.append(notification)
            return sent.count - 1
        }
        return await answer(notification, earlier)
    }
}

/// A clock that a test sets.
final class TestClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { time.withLock { $0 } }

    func advance(by seconds: Double) { time.withLock { $0 += seconds } }
}

/// A store in memory with a clock, a channel and a rule.
struct DispatchSite {
    let clock = TestClock()
    let store: SQLiteStore
    let workspace: Workspace
    let channel: NotificationChannel

    init(
        _ type: NotificationChannelType = .webhook, cooldown: Int = 0,
        _ conditions: NotificationConditions = NotificationConditions()
    ) async throws {
        var configuration = SQLiteConfiguration()
        configuration.clock = { [clock] in clock.now }
        store = try await SQLiteStore.inMemory(configuration: configuration)
        workspace = try await store.localWorkspace()
        channel = try await workspace.notificationChannels.insert(
            NotificationChannel(name: "channel", channelType: type))
        try await workspace.notificationRules.insert(
            NotificationRule(
                channel: channel.id, name: "rule", triggerType: .alert, conditions: conditions,
                cooldownSeconds: cooldown))
    }

    @discardableResult
    func raise(_ title: String, _ severity: AlertSeverity = .medium) async throws -> Alert {
        try await workspace.write {
            try $0.alerts.raise(Alert(alertType: .custom, severity: severity, title: title))
        }
    }

    func deliveries(of alert: Alert) async throws -> [AlertDelivery] {
        try await workspace.read { try $0.alerts.deliveries(of: alert.id) }
    }

    func dispatcher(
        _ sender: RecordingSender, _ options: DispatcherOptions = DispatcherOptions()
    ) -> NotificationDispatcher {
        NotificationDispatcher(store: store, sender: sender, options: options)
    }
}
