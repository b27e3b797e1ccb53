import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops alerts show`.
struct ShowAlertCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an alert: who handles it, what was said, and who was told.",
        discussion: "EXAMPLE:\n  mlops alerts show 3f9a12c4")

    @OptionGroup var target: AlertOptions

    var options: GlobalOptions { target.options }

    /// An alert with its messages.
    private struct Result: Encodable, Sendable {
        let alert: Alert
        let names: [Identifier<User>: String]
        let deliveries: [DeliveryReport]

        private enum CodingKeys: CodingKey { case deliveries }

        /// Encodes the members of the alert, with these messages in place of its own.
        func encode(to encoder: any Encoder) throws {
            try alert.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(deliveries, forKey: .deliveries)
        }
    }

    func run() async throws {
        let (result, now) = try await Database(options).workspace(target.acting) { workspace in
            let result = try await workspace.read { [target] tx in
                let alert = try Alert.find(target.alert, in: tx)
                return Result(
                    alert: alert, names: try Self.names(of: alert, in: tx),
                    deliveries: try DeliveryReport.all(of: alert, in: tx))
            }
            return (result, workspace.now)
        }
        if options.json { return try Output.json(result) }
        write(result.alert, result.names, at: now)
        DeliveryReport.write(result.deliveries)
    }

    /// The addresses of the users that an alert names.
    private static func names(
        of alert: Alert, in tx: any Transaction
    ) throws -> [Identifier<User>: String] {
        let ids = [alert.raisedBy, alert.acknowledgedBy, alert.resolvedBy].compactMap(\.self)
        let users = try tx.users.all(where: { $0.id.isIn(ids + alert.comments.map(\.userID)) })
        return Dictionary(uniqueKeysWithValues: users.map { ($0.id, $0.email) })
    }

    private func write(_ alert: Alert, _ names: [Identifier<User>: String], at now: Date) {
        func name(_ id: Identifier<User>) -> String { names[id] ?? ShortID.text(id) }
        func handled(_ date: Date?, _ user: Identifier<User>?) -> String? {
            date.map { "\(Format.time($0)) by \(user.map(name) ?? Format.none)" }
        }
        Fields.write([
            "alert": alert.title,
            "id": alert.id.description,
            "severity": alert.severity.rawValue,
            "type": alert.alertType.rawValue,
            "status": alert.stateText(at: now),
            "message": alert.message.isEmpty ? nil : alert.message,
            "context": alert.context == [:] ? nil : Format.pairs(alert.context.object ?? [:]),
            "fingerprint": alert.fingerprint,
            "raised": "\(Format.time(alert.triggeredAt)) by "
                + (alert.isAutomatic ? "a program" : alert.raisedBy.map(name) ?? Format.none),
            "last": "\(Format.time(alert.lastSeenAt)), \(Format.count(alert.occurrences, "time"))",
            "acknowledged": handled(alert.acknowledgedAt, alert.acknowledgedBy),
            "resolved": handled(alert.resolvedAt, alert.resolvedBy),
        ])
        if !alert.comments.isEmpty { Output.line() }
        for comment in alert.comments {
            Output.paragraph(
                "\(Format.minute(comment.date)) \(name(comment.userID)): \(comment.text)")
        }
    }
}
