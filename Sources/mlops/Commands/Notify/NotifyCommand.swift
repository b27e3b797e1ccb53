import ArgumentParser
import Foundation
import Logging
import MLOpsCore
import MLOpsOperations
import ServiceLifecycle

/// The command group `mlops notify`.
struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Send the messages about alerts that are due.",
        subcommands: [NotifyRunCommand.self, NotifyOnceCommand.self])
}

/// What the operator decides about the messages of all organizations.
struct DeliveryArguments: ParsableArguments {
    @OptionGroup var addresses: AddressOptions

    @Option(
        help: ArgumentHelp(
            "The page of an alert, with {id} for its id.", valueName: "URL"))
    var link: String?

    func validate() throws {
        if let link, !link.contains("{id}") {
            throw ValidationError("--link takes a URL that contains {id}.")
        }
    }

    func dispatcher(of store: any Store) -> NotificationDispatcher {
        let link = link
        return NotificationDispatcher(
            store: store, sender: addresses.sender,
            options: DispatcherOptions { alert in
                link?.replacing("{id}", with: alert.id.description)
            },
            logger: Logger(label: "mlops.notify") { StreamLogHandler.standardError(label: $0) })
    }
}

/// The command `mlops notify run`.
struct NotifyRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Send messages as they become due, until a signal.",
        discussion: """
            It serves all organizations of the database. Any number of these processes may run at \
            once, and each may end at any time: a message goes out at least once, and a second \
            time only under the same id. On SIGTERM and SIGINT the attempts under way are awaited.

            EXAMPLES:
              mlops notify run
              mlops notify run --link 'https://mlops.example.com/alerts/{id}'
              mlops notify run --allow-address 10.1.2.0/24
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var delivery: DeliveryArguments

    func run() async throws {
        let database = try Database(options)
        try await database.open(for: .use) { store in
            let group = ServiceGroup(
                services: [delivery.dispatcher(of: store)],
                logger: Logger(label: "mlops.notify") { _ in SwiftLogNoOpLogHandler() })
            let work = Task { try await group.run() }
            Output.line("sending the messages of \(database.name)")
            // A signal of the tool cancels its task: here it is a graceful end.
            try await withTaskCancellationHandler {
                try await work.value
            } onCancel: {
                Task { await group.triggerGracefulShutdown() }
            }
        }
    }
}

/// The command `mlops notify once`.
struct NotifyOnceCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "once",
        abstract: "Send what is due now, once.",
        discussion: """
            For a timer in place of `mlops notify run`. It succeeds when every message that is due \
            was tried and the outcome recorded, also that of a message that failed.

            EXAMPLES:
              mlops notify once
              mlops notify once --json
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var delivery: DeliveryArguments

    private struct Report: Encodable {
        let delivered: Int
        let retried: Int
        let failed: Int
        let silences: Int
    }

    func run() async throws {
        let summary = try await Database(options).open(for: .use) {
            try await delivery.dispatcher(of: $0).runOnce()
        }
        if options.json {
            return try Output.json(
                Report(
                    delivered: summary.delivered, retried: summary.retried,
                    failed: summary.failed, silences: summary.silences))
        }
        Output.line(
            "\(summary.delivered) delivered, \(summary.retried) to be tried again, "
                + "\(summary.failed) given up")
        if summary.silences > 0 {
            Output.line("\(summary.silences) alerts for measurements that do not come")
        }
    }
}
