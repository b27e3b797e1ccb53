import Foundation
import MLOpsCore

/// Whether a rule fires for an alert, and what would be sent.
struct RuleAnswer: Encodable, Sendable {
    let rule: String
    let channel: String
    let fires: Bool
    /// Why it does not fire.
    let reasons: [String]
    /// When a message would go out.
    let sendsAt: Date?
    /// Why nothing would be sent, though the rule fires.
    let silence: String?
    /// Whether the message would wait for the end of a cooldown.
    private let waits: Bool

    private enum CodingKeys: CodingKey { case rule, channel, fires, reasons, sendsAt, silence }

    init(
        _ explanation: RuleExplanation, for alert: Alert, at now: Date, in tx: any Transaction
    ) throws {
        rule = explanation.rule.name
        channel = try RuleReport(explanation.rule, in: tx).channel
        fires = explanation.fires
        reasons = explanation.mismatches.map(\.description)
        let message = explanation.message
        sendsAt = message?.nextAttemptAt
        waits = message.map { ($0.nextAttemptAt ?? $0.createdAt) > $0.createdAt } ?? false
        silence =
            explanation.fires && explanation.message == nil
            ? Self.silence(of: explanation.rule, for: alert, at: now) : nil
    }

    /// Why raising the alert again makes no message.
    private static func silence(
        of rule: NotificationRule, for alert: Alert, at now: Date
    ) -> String {
        let sent = alert.deliveries.filter { $0.channelID == rule.channelID }
        if sent.contains(where: { $0.state == .pending && $0.event != .resolved }) {
            return "a message waits, which tells it as well"
        }
        if alert.status == .acknowledged { return "the alert is acknowledged" }
        if alert.isSnoozed(at: now), let end = alert.snoozedUntil {
            return "the alert is snoozed until \(Format.minute(end))"
        }
        guard let told = sent.last(where: { $0.state == .delivered })?.endedAt else {
            return "there is nothing to tell"
        }
        let end = told.addingTimeInterval(Double(rule.cooldownSeconds))
        return "told already, and the cooldown ends at \(Format.time(end))"
    }

    /// Writes the answer, a line for each reason.
    func write() {
        func line(_ text: String) {
            Output.line(text.singleLine.truncated(to: Terminal.width ?? .max))
        }
        line("\(rule): \(fires ? "fires, through \(channel)" : "does not fire")")
        for reason in reasons { line("  \(reason)") }
        if let silence { line("  nothing is sent: \(silence)") }
        guard let sendsAt else { return }
        let time = waits ? "after the cooldown, at \(Format.time(sendsAt))" : "now"
        line("  a message goes out \(time)")
    }
}
