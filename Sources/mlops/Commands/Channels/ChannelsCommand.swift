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
            SetChannelCommand.self, EnableCommand<NotificationChannel>.self,
            DisableCommand<NotificationChannel>.self, RemoveCommand<NotificationChannel>.self,
            TestChannelCommand.self,
        ])
}

extension NotificationChannel: SwitchedRecord {
    static let noun = "channel"
    static let group = "channels"
    static let exampleName = "ml-alerts"
    static let removal = "Remove a channel, and the rules that send to it."
    func report(in tx: any Transaction) throws -> ChannelReport { try ChannelReport(self, in: tx) }
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<NotificationChannel> { columns.name == name }
    func distinction(in tx: any Transaction) throws -> String {
        "\(name), \(channelType.rawValue)"
    }
}
