import ArgumentParser
import MLOpsCore

/// The command `mlops rules`.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Rules: which alerts go to which channel. Add, change, test and list them.",
        subcommands: [
            AddRuleCommand.self, ListRulesCommand.self, ShowRuleCommand.self, SetRuleCommand.self,
            EnableRuleCommand.self, DisableRuleCommand.self, RemoveRuleCommand.self,
            TestRulesCommand.self,
        ])
}

extension NotificationRule: NamedRecord {
    static let noun = "rule"
    var shownName: String { name }
    static func isNamed(_ name: String) -> Filter<NotificationRule> { columns.name == name }
    func distinction(in tx: any Transaction) throws -> String { "\(name), \(triggerType.rawValue)" }
}

/// The rule that a command is about.
struct RuleOptions: ParsableArguments {
    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The rule's name, its id, or four or more characters at either end of it.")
    var rule: String

    func find(in tx: any Transaction) throws -> NotificationRule {
        try NotificationRule.find(rule, in: tx)
    }

    /// Changes the rule in a transaction, and writes what it is then.
    func change(
        _ done: String,
        _ body:
            @escaping @Sendable (inout NotificationRule, any Transaction) throws -> Void
    ) async throws {
        let (report, now) = try await Database(options).workspace(acting) { workspace in
            let report = try await workspace.write { [self] tx in
                let stored = try find(in: tx)
                var rule = stored
                try body(&rule, tx)
                if rule != stored { rule = try tx.notificationRules.update(rule) }
                return try RuleReport(rule, in: tx)
            }
            return (report, workspace.now)
        }
        try report.write(done, json: options.json, at: now)
    }
}
