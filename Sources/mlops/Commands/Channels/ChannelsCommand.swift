import ArgumentParser
import MLOpsCore

/// The command `mlops channels`.
struct ChannelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channels",
        abstract: "Channels: where notifications go. Add, change, test and list them.",
        discussion: """
            The URL, the secret and the password of a channel are stored encrypted, which takes a \
            key from $MLOPS_ENCRYPTION_KEYS or the file that $MLOPS_ENCRYPTION_KEYS_FILE names. \
            `mlops secrets generate-key` makes one.
            """,
        subcommands: [
            AddChannelCommand.self, ListChannelsCommand.self, ShowChannelCommand.self,
            SetChannelCommand.self, EnableChannelCommand.self, DisableChannelCommand.self,
            RemoveChannelCommand.self, TestChannelCommand.self,
        ])
}

extension NotificationChannel: NamedRecord {
    static let noun = "channel"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<NotificationChannel> { columns.name == name }
    func distinction(in tx: any Transaction) throws -> String {
        "\(name), \(channelType.rawValue)"
    }
}

/// The channel that a command is about.
struct ChannelOptions: ParsableArguments {
    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The channel's name, its id, or four or more characters at either end of it.")
    var channel: String

    func find(in tx: any Transaction) throws -> NotificationChannel {
        try NotificationChannel.find(channel, in: tx)
    }

    /// Changes the channel in a transaction, and writes what it is then.
    func change(
        _ done: String, _ body: @escaping @Sendable (inout NotificationChannel) -> Void
    ) async throws {
        let report = try await Database(options).workspace(acting) { workspace in
            try await workspace.write { [self] tx in
                var channel = try find(in: tx)
                body(&channel)
                return try ChannelReport(tx.notificationChannels.update(channel), in: tx)
            }
        }
        try report.write(done, json: options.json)
    }
}
