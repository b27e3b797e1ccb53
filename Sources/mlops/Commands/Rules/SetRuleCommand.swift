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
            not change. A rule that cannot be read fires for nothing until --reset begins its \
            conditions anew.

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

    @Flag(help: "Begin with conditions that every alert matches.")
    var reset = false

    @Option(help: ArgumentHelp("Fire for nothing for this time.", valueName: "2h"))
    var mute: TimeSpan?

    @Option(
        help: ArgumentHelp("Fire for nothing until then.", valueName: "time"),
        transform: { try Moment($0) })
    var muteUntil: Moment?

    @Flag(help: "Fire again.")
    var unmute = false

    var options: GlobalOptions { target.options }

    private var mutes: Bool { mute != nil || muteUntil != nil || unmute }

    func validate() throws {
        guard [mute != nil, muteUntil != nil, unmute].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give one of --mute, --mute-until and --unmute.")
        }
        let given = settings.conditions
        for condition in clear where given.contains(condition) {
            throw ValidationError(
                "--\(condition.rawValue) replaces what --clear \(condition.rawValue) takes away; "
                    + "give one of them.")
        }
        guard channel != nil || reset || !clear.isEmpty || mutes || settings.changesSomething else {
            throw ValidationError("There is nothing to change; see mlops rules set --help.")
        }
    }

    func run() async throws {
        try await target.change("changed") { [self] rule, tx, now in
            if let channel { rule.channelID = try NotificationChannel.find(channel, in: tx).id }
            let changes = reset || !clear.isEmpty || mutes || settings.changesConditions
            if reset { rule.conditions = NotificationConditions() }
            guard !changes || rule.conditions.damaged == nil else {
                throw Failure(
                    .badData,
                    "the conditions of \(rule.name) cannot be read, and it fires for nothing; "
                        + "--reset begins anew")
            }
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
