import Foundation
import MLOpsCore

/// A channel, and a clock that a scenario sets: times are seconds after a start.
struct OutboxSite {
    let context: ConformanceContext
    let tree: FixtureTree
    let channel: NotificationChannel
    let start = Fixtures.date.addingTimeInterval(86_400)

    /// A tree without rules, and one rule with a channel of its own.
    init(
        _ context: ConformanceContext, cooldown: Int = 0,
        _ conditions: NotificationConditions = NotificationConditions()
    ) async throws {
        self.context = context
        tree = try await context.tree()
        try await context.workspace.notificationRules.delete(tree.rule.id)
        channel = try await context.workspace.notificationChannels.insert(
            Fixtures.channel(40, name: "told"))
        try await addRule(40, cooldown: cooldown, conditions)
    }

    @discardableResult
    func addRule(
        _ number: Int, to other: NotificationChannel? = nil, trigger: NotificationTrigger = .alert,
        cooldown: Int = 0, _ conditions: NotificationConditions = NotificationConditions()
    ) async throws -> NotificationRule {
        try await context.workspace.notificationRules.insert(
            NotificationRule(
                channel: (other ?? channel).id, name: "own-rule-\(number)", triggerType: trigger,
                conditions: conditions, cooldownSeconds: cooldown))
    }

    func date(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    /// Runs a body in the workspace at a time.
    @discardableResult
    func at<Value: Sendable>(
        _ seconds: Double, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await context.write { try body($0.engine.at(date(seconds))) }
    }

    /// Raises the alert of a fingerprint at a time.
    @discardableResult
    func raise(
        _ fingerprint: String = "f", at seconds: Double, _ severity: AlertSeverity = .medium
    ) async throws -> Alert {
        try await at(seconds) { [deployment = tree.deployment.id] tx in
            try tx.alerts.raise(
                Alert(
                    deployment: deployment, alertType: .custom, severity: severity,
                    title: "title of \(fingerprint)", fingerprint: fingerprint))
        }
    }

    @discardableResult
    func resolve(_ alert: Alert, at seconds: Double) async throws -> Alert {
        try await at(seconds) { try $0.alerts.resolve(alert.id) }
    }

    func claim(
        at seconds: Double, limit: Int = 100, lease: TimeInterval = 60
    ) async throws -> [ClaimedDelivery] {
        try await context.system {
            try $0.engine.at(date(seconds)).claimDeliveries(limit: limit, lease: lease)
                .deliveries
        }
    }

    func end(
        _ claims: [ClaimedDelivery], at seconds: Double,
        _ outcome: DeliveryResult.Outcome = .delivered, error: String? = nil
    ) async throws {
        let results = claims.map { DeliveryResult($0, outcome, error: error) }
        try await context.system {
            _ = try $0.engine.at(date(seconds)).endDeliveries(results)
        }
    }

    /// Delivers what is due at a time; returns what was told.
    @discardableResult
    func deliver(at seconds: Double) async throws -> [String] {
        let claims = try await claim(at: seconds)
        try await end(claims, at: seconds)
        return claims.map { "\($0.delivery.event.rawValue) \($0.delivery.count)" }
    }

    /// When the alert is due next, in seconds after the start.
    func due(_ alert: Alert) async throws -> Double? {
        try await context.workspace.alerts.find(alert.id).nextDeliveryAt
            .map { $0.timeIntervalSince(start).rounded() }
    }

    func deliveries(of alert: Alert) async throws -> [AlertDelivery] {
        try await context.read { try $0.alerts.deliveries(of: alert.id) }
    }
}
