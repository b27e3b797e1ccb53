import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsDelivery
import MLOpsOperations

/// The command `mlops channels test`.
struct TestChannelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a test message through a channel, switched on or not.",
        discussion: """
            It takes the right to change the channel, and exits with 0 only when the message was \
            delivered. A message is sent once; what an alert would try again is only reported. \
            PagerDuty opens an incident of severity info, which has to be resolved there. The \
            audit trail has the test and its outcome.

            Messages go to public addresses alone, with https or SMTP over TLS. --allow-address \
            permits others, with http and any port too: the operator decides it here, and no \
            channel's configuration can.

            EXAMPLES:
              mlops channels test ml-alerts
              mlops channels test ci --allow-address 10.1.0.0/16
            """)

    @OptionGroup var target: RecordOptions<NotificationChannel>

    @OptionGroup var addresses: AddressOptions

    var options: GlobalOptions { target.options }

    private struct Result: Encodable {
        let channel: String
        let outcome: String
        let reason: String?
        let retryAfterSeconds: Int64?
    }

    func run() async throws {
        let sender = addresses.sender
        let outcome = try await Database(options).workspace(target.acting) { workspace in
            // In a transaction that writes: where the outcome cannot be noted, nothing is sent.
            let (channel, config) = try await workspace.write { [target] tx in
                let channel = try target.find(in: tx)
                return (channel, try tx.notificationChannels.openedConfig(of: channel.id))
            }
            let outcome = await sender.send(
                Self.message(to: channel, at: workspace.now), through: channel.channelType,
                config: config)
            // The message is out: whoever sent it learns what came of it in any case.
            try write(outcome, channel)
            try await workspace.notificationChannels.noteTest(
                of: channel.id, outcome: outcome.verdict.noted)
            return outcome
        }
        guard outcome.verdict == .delivered else { throw Failure(.negative) }
    }

    private static func message(
        to channel: NotificationChannel, at now: Date
    ) -> AlertNotification {
        AlertNotification(
            deliveryID: UUID(), event: .triggered, occurredAt: now, alertID: Identifier(),
            alertType: .custom, severity: .info, title: "Test of the channel \(channel.name)",
            message: "This is a test, sent by mlops channels test. There is nothing to do.",
            triggeredAt: now)
    }

    private func write(_ outcome: DeliveryOutcome, _ channel: NotificationChannel) throws {
        var wait: Duration?
        if case .retry(let after) = outcome.verdict { wait = after }
        if options.json {
            return try Output.json(
                Result(
                    channel: channel.name, outcome: outcome.verdict.noted.rawValue,
                    reason: outcome.reason.isEmpty ? nil : outcome.reason,
                    retryAfterSeconds: wait?.components.seconds))
        }
        let later = wait.map { " in \(Format.duration(Double($0.components.seconds)))" } ?? ""
        Output.line("\(channel.name): \(outcome.verdict.text)\(later)")
        if !outcome.reason.isEmpty { Output.line("  " + outcome.reason) }
    }
}

extension DeliveryOutcome.Verdict {
    /// The outcome as the trail and JSON name it.
    fileprivate var noted: NotificationTestOutcome {
        switch self {
        case .delivered: .delivered
        case .retry: .retry
        case .refused: .refused
        case .gone: .gone
        }
    }

    /// What it means for a message.
    fileprivate var text: String {
        switch self {
        case .delivered: "delivered"
        case .retry: "not delivered, an alert would be sent again"
        case .refused: "refused, an alert would not be sent again"
        case .gone: "gone, an alert would switch the channel off"
        }
    }
}
