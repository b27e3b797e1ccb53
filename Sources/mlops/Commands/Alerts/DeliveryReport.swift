import Foundation
import MLOpsCore

/// A message about an alert, with the names of its rule and channel.
struct DeliveryReport: Encodable, Sendable {
    let id: Identifier<AlertDelivery>
    let rule: String
    let channel: String
    let event: String
    let severity: String
    let state: String
    let attempts: Int
    let createdAt: Date
    let nextAttemptAt: Date?
    let endedAt: Date?
    /// The error of the last attempt, for those who may read it.
    let lastError: String?

    /// The messages of an alert, the oldest first; with errors if the principal may read them.
    static func all(of alert: Alert, in tx: any Transaction) throws -> [DeliveryReport] {
        var deliveries = alert.deliveries
        do {
            deliveries = try tx.alerts.deliveries(of: alert.id)
        } catch let error as StoreError where error.code == .permissionDenied {}
        var names: [UUID: String] = [:]
        let rules = Set(deliveries.map(\.ruleID))
        try tx.notificationRules.forEach(
            Query(where: { $0.id.isIn(Array(rules)) }, deleted: .included)
        ) {
            names[$0.id.uuid] = $0.name
            return true
        }
        let channels = Set(deliveries.map(\.channelID))
        try tx.notificationChannels.forEach(
            Query(where: { $0.id.isIn(Array(channels)) }, deleted: .included)
        ) {
            names[$0.id.uuid] = $0.name
            return true
        }
        return deliveries.map { delivery in
            DeliveryReport(
                delivery, rule: names[delivery.ruleID.uuid],
                channel: names[delivery.channelID.uuid])
        }
    }

    private init(_ delivery: AlertDelivery, rule: String?, channel: String?) {
        id = delivery.id
        self.rule = rule ?? ShortID.text(delivery.ruleID)
        self.channel = channel ?? ShortID.text(delivery.channelID)
        event = delivery.event.rawValue
        severity = delivery.severity.rawValue
        state = delivery.state.rawValue
        attempts = delivery.attempts
        createdAt = delivery.createdAt
        nextAttemptAt = delivery.nextAttemptAt
        endedAt = delivery.endedAt
        lastError = delivery.lastError
    }

    /// Writes the messages of an alert.
    static func write(_ reports: [DeliveryReport]) {
        guard !reports.isEmpty else { return }
        var table = TextTable([
            TextTable.Column("MESSAGE"), TextTable.Column("EVENT"),
            TextTable.Column("RULE", minimum: 8), TextTable.Column("CHANNEL", minimum: 8),
            TextTable.Column("STATE"), TextTable.Column("TRIES", isRight: true),
        ])
        for report in reports {
            table.add([
                Format.minute(report.createdAt), report.event, report.rule, report.channel,
                report.state, String(report.attempts),
            ])
        }
        Output.line()
        table.write()
        for report in reports {
            let next = report.nextAttemptAt.map { "next attempt at \(Format.time($0))" }
            let notes = [next, report.lastError].compactMap(\.self).joined(separator: "; ")
            guard !notes.isEmpty else { continue }
            Output.line("\(Format.minute(report.createdAt)) \(report.channel): \(notes)")
        }
    }
}
