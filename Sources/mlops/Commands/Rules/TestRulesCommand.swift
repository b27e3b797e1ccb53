import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops rules test`.
struct TestRulesCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Tell for an alert which rules fire, and why the others do not.",
        discussion: """
            The alert is a stored one, or one that the options describe. A resolved one is taken \
            as raised anew. Nothing is raised, and nothing is sent. The exit status is 0 when a \
            rule fires, and 1 when none does.

            EXAMPLES:
              mlops rules test --alert 3f9a12c4
              mlops rules test grave --severity high --type data_drift --project digits
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The rule's name or id (default: every rule).")
    var rule: String?

    @Option(help: ArgumentHelp("A stored alert.", valueName: "id or fingerprint"))
    var alert: String?

    @Option(help: ArgumentHelp("How grave the alert is.", valueName: "severity"))
    var severity: Choice<AlertSeverity>?

    @Option(help: ArgumentHelp("What it is about (default: custom).", valueName: "type"))
    var type: Choice<AlertType>?

    @Option(help: ArgumentHelp("The deployment it is about.", valueName: "name or id"))
    var deployment: String?

    @Option(help: ArgumentHelp("The project (default: the deployment's).", valueName: "slug"))
    var project: String?

    @Option(help: ArgumentHelp("The metric it is about.", valueName: "name"))
    var metric: String?

    @Option(help: ArgumentHelp("How what it is about has ended.", valueName: "status"))
    var status: String?

    @Option(help: ArgumentHelp("A label; may be repeated.", valueName: "name=value"))
    var label: [Label] = []

    func validate() throws {
        guard (alert == nil) != (severity == nil) else {
            throw ValidationError("Give --alert, or --severity and what else the alert has.")
        }
        let others: [Any?] = [type, deployment, project, metric, status]
        guard alert == nil || label.isEmpty && others.allSatisfy({ $0 == nil }) else {
            throw ValidationError("The options that describe an alert do not go with --alert.")
        }
    }

    func run() async throws {
        let answers = try await Database(options).workspace(acting) { workspace in
            let now = workspace.now
            return try await workspace.read { [self] tx in
                let wanted = try rule.map { try NotificationRule.find($0, in: tx).id }
                let subject = try subject(in: tx)
                return try tx.notificationRules.explain(subject)
                    .filter { wanted == nil || $0.rule.id == wanted }
                    .map { try RuleAnswer($0, for: subject, at: now, in: tx) }
            }
        }
        if options.json {
            try Output.json(answers)
        } else {
            for answer in answers { answer.write() }
        }
        guard !answers.isEmpty else { throw Failure(.negative, "there are no rules") }
        guard answers.contains(where: \.fires) else { throw Failure(.negative) }
    }

    private func subject(in tx: any Transaction) throws -> Alert {
        if let alert {
            let found = try Alert.find(alert, in: tx)
            return found.status == .resolved ? found.raisedAnew : found
        }
        let deployment = try deployment.map {
            try ShowDeploymentCommand.find($0, project: project, environment: nil, in: tx)
        }
        var context: [String: JSONValue] = [:]
        context["metric"] = metric.map { .string($0) }
        context["status"] = status.map { .string($0) }
        if !label.isEmpty {
            context["labels"] = .object(Label.members(label).mapValues { .string($0) })
        }
        return Alert(
            project: try project.map { try RunFilter.project($0, in: tx).id },
            deployment: deployment?.id, alertType: type?.value ?? .custom,
            severity: severity?.value ?? .info, title: "A test of rules",
            context: .object(context))
    }
}

extension Alert {
    /// The alert that the same problem would raise next.
    fileprivate var raisedAnew: Alert {
        Alert(
            project: projectID, deployment: deploymentID, alertType: alertType,
            severity: severity, title: title, message: message, fingerprint: fingerprint,
            context: context, isAutomatic: isAutomatic)
    }
}
