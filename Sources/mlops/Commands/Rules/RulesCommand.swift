import ArgumentParser
import MLOpsCore

/// The command `mlops rules`.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Rules: which alerts go to which channel. Add, change, test and list them.",
        subcommands: [
            AddRuleCommand.self, ListRulesCommand.self, ShowRuleCommand.self, SetRuleCommand.self,
            EnableCommand<NotificationRule>.self, DisableCommand<NotificationRule>.self,
            RemoveCommand<NotificationRule>.self, TestRulesCommand.self,
        ])
}

extension NotificationRule: SwitchedRecord {
    static let noun = "rule"
    static let group = "rules"
    static let exampleName = "grave"
    static let removal = "Remove a rule; messages that it has asked for still go out."
    func report(in tx: any Transaction) throws -> RuleReport { try RuleReport(self, in: tx) }
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<NotificationRule> { columns.name == name }
    func distinction(in tx: any Transaction) throws -> String { "\(name), \(triggerType.rawValue)" }
}
