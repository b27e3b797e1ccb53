import ArgumentParser
import MLOpsCore

/// The command `mlops rules add`.
struct AddRuleCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a rule: which alerts go to a channel, and how often.",
        discussion: """
            Without conditions every alert matches. A rule of a project takes a maintainer of it, \
            one of the whole organization an admin.

            EXAMPLES:
              mlops rules add grave --channel oncall --severity high --reminder 4h
              mlops rules add drift --channel team --type data_drift --project digits
              mlops rules add failed --channel team --trigger deployment --status failed
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The rule's name, unique in the organization.")
    var name: String

    @Option(help: ArgumentHelp("The channel it sends to.", valueName: "name or id"))
    var channel: String

    @Option(
        help: ArgumentHelp(
            "Only this project (default: the deployment's).", valueName: "slug"))
    var project: String?

    @Option(help: ArgumentHelp("Only this deployment.", valueName: "name or id"))
    var deployment: String?

    @OptionGroup(title: "Settings") var settings: RuleSettings

    func run() async throws {
        let (report, now) = try await Database(options).workspace(acting) { workspace in
            let report = try await workspace.write { [self] tx in
                try RuleReport(tx.notificationRules.insert(rule(in: tx)), in: tx)
            }
            return (report, workspace.now)
        }
        if options.json { return try Output.json(report) }
        Output.line("added \(report.summary(at: now))")
    }

    private func rule(in tx: any Transaction) throws -> NotificationRule {
        let deployment = try deployment.map {
            try ShowDeploymentCommand.find($0, project: project, environment: nil, in: tx)
        }
        var rule = NotificationRule(
            channel: try NotificationChannel.find(channel, in: tx).id, name: name,
            triggerType: .alert,
            project: try deployment?.projectID
                ?? project.map { try RunFilter.project($0, in: tx).id },
            deployment: deployment?.id)
        settings.apply(to: &rule)
        return rule
    }
}
