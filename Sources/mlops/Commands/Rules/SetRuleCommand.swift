import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops rules set`.
struct SetRuleCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change what a rule asks for, or mute it for a while.",
        discussion: """
            What no option names stays. A condition that may be repeated replaces all values of \
            its kind, and --clear takes them away. The project and the deployment of a rule do \
            not change.

            EXAMPLES:
              mlops rules set grave --severity critical --cooldown 15m
              mlops rules set drift --clear type --clear metric
              mlops rules set grave --mute 2h
            """)

    @OptionGroup var target: RecordOptions<NotificationRule>

    @Option(help: ArgumentHelp("The channel it sends to.", valueName: "name or id"))
    var channel: String?

    @OptionGroup(title: "Settings") var settings: RuleSettings

    @Option(help: ArgumentHelp("A condition to take away; may be repeated.", valueName: "name"))
    var clear: [RuleCondition] = []

    @Option(help: ArgumentHelp("Fire for nothing for this time.", valueName: "2h"))
    var mute: TimeSpan?

    @Option(
        help: ArgumentHelp("Fire for nothing until then.", valueName: "time"),
        transform: { try Moment($0) })
    var muteUntil: Moment?

    @Flag(help: "Fire again.")
    var unmute = false

    var options: GlobalOptions { target.options }

    func validate() throws {
        guard [mute != nil, muteUntil != nil, unmute].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give one of --mute, --mute-until and --unmute.")
        }
    }

    func run() async throws {
        try await target.change("changed") { [self] rule, tx, now in
            if let channel { rule.channelID = try NotificationChannel.find(channel, in: tx).id }
            for condition in clear { condition.clear(in: &rule.conditions) }
            settings.apply(to: &rule)
            if let mute {
                rule.conditions.mutedUntil = now.addingTimeInterval(Double(mute.seconds))
            }
            if let muteUntil { rule.conditions.mutedUntil = muteUntil.date }
            if unmute { rule.conditions.mutedUntil = nil }
        }
    }
}
