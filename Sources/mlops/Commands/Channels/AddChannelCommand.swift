import ArgumentParser
import MLOpsCore
import MLOpsOperations

/// The command `mlops channels add`.
struct AddChannelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a channel: Slack, Teams, PagerDuty, a webhook or e-mail.",
        discussion: """
            Whoever knows the URL of a Slack or Teams channel can post there: --url-file keeps it \
            out of the shell's history. For a webhook without --secret-file, a secret is made and \
            shown once; the receiver verifies requests with it, by Standard Webhooks.

            EXAMPLES:
              mlops channels add ml-alerts --type slack --url-file -
              mlops channels add ci --type webhook --url https://ci.example.com/hook
              mlops channels add oncall --type pagerduty --routing-key-file key.txt
              mlops channels add team --type email --host smtp.example.com \\
                --from mlops@example.com --to ada@example.com --to bob@example.com
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The channel's name, unique in the organization.")
    var name: String

    @Option(help: ArgumentHelp("The kind of channel.", valueName: "type"))
    var type: Choice<NotificationChannelType>

    @OptionGroup(title: "Settings") var settings: ChannelSettings

    func run() async throws {
        var members = try settings.members(for: type.value)
        let secret =
            type.value == .webhook && members["secret"] == nil ? ChannelSettings.newSecret() : nil
        if let secret { members["secret"] = .string(secret) }
        let config = JSONValue.object(members)
        _ = try ChannelConfig(type: type.value, json: Secret(config))
        let channel = NotificationChannel(name: name, channelType: type.value, config: config)
        var report = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { tx in
                try ChannelReport(tx.notificationChannels.insert(channel), in: tx)
            }
        }
        report.secret = secret
        try report.write("added", json: options.json)
    }
}
