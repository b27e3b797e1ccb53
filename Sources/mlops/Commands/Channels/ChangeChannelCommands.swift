import ArgumentParser
import MLOpsCore

/// The command `mlops channels enable`.
struct EnableChannelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Switch a channel on.",
        discussion: "EXAMPLE:\n  mlops channels enable ml-alerts")

    @OptionGroup var target: ChannelOptions

    var options: GlobalOptions { target.options }

    func run() async throws { try await target.change("enabled") { $0.isActive = true } }
}

/// The command `mlops channels disable`.
struct DisableChannelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Switch a channel off: no rule sends to it.",
        discussion: "EXAMPLE:\n  mlops channels disable ml-alerts")

    @OptionGroup var target: ChannelOptions

    var options: GlobalOptions { target.options }

    func run() async throws { try await target.change("disabled") { $0.isActive = false } }
}

/// The command `mlops channels remove`.
struct RemoveChannelCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a channel, and the rules that send to it.",
        discussion: "EXAMPLE:\n  mlops channels remove ml-alerts")

    @OptionGroup var target: ChannelOptions

    var options: GlobalOptions { target.options }

    func run() async throws {
        let (channel, deletion) = try await Database(options).workspace(target.acting) {
            try await $0.write { [target] tx in
                let channel = try target.find(in: tx)
                return (channel, try tx.notificationChannels.delete(channel.id))
            }
        }
        if options.json { return try Output.json(deletion) }
        let count = deletion.counts["notification_rules"] ?? 0
        let rules = count == 0 ? "" : " and \(Format.count(count, "rule"))"
        Output.line("removed \(channel.name)\(rules)".singleLine)
    }
}
