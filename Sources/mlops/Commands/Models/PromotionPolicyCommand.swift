import ArgumentParser
import MLOpsCore

/// The command `mlops models policy`.
struct PromotionPolicyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Show or set what versions have to show before they enter a stage.",
        discussion: """
            Without a model, the policy is that of the project, for its models that have none. \
            --set replaces the policy of a stage by what the other options say.

            A check compares a figure with a number or with production: 'accuracy >= 0.9', \
            'eval.auc >= production + 0.01', 'run:loss.min <= production - 5%'. A figure is a \
            member of the version's performance, or run: and a metric of its source run, whose \
            .min, .max, .step or .count may follow. 'or none' at the end lets a version pass while \
            nothing is in production.

            EXAMPLES:
              mlops models policy digits-mlp
              mlops models policy digits-mlp --stage production --set \\
                --check 'accuracy >= 0.9' --check 'accuracy >= production + 0 or none' \\
                --evidence artifact --approvals 1 --archive-current
              mlops models policy --project digits --stage production --remove
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions

    @Argument(
        help: "The model's name, its id, or a part of its id.",
        completion: .models)
    var model: String?

    @Option(help: ArgumentHelp("The project; its policy without a model.", valueName: "slug"))
    var project: String?

    @Option(help: ArgumentHelp("The stage to set a policy for.", valueName: "stage"))
    var stage: Choice<ModelStage>?

    @Flag(help: "Set the policy.")
    var set = false

    @Flag(help: "Remove the policy.")
    var remove = false

    @Option(
        help: ArgumentHelp("A bound of a figure; may be repeated.", valueName: "check"),
        transform: { try CheckExpression($0).check })
    var check: [MetricCheck] = []

    @Option(
        help: ArgumentHelp(
            "What it must have; may be repeated.", valueName: "evidence"))
    var evidence: [Choice<PromotionPolicy.Evidence>] = []

    @Option(help: ArgumentHelp("How many people have to approve.", valueName: "count"))
    var approvals = 0

    @Option(
        help: ArgumentHelp(
            "The least role of an approver (default: maintainer).", valueName: "role"))
    var approverRole: Choice<ProjectRole>?

    @Flag(help: "Let the approval of the version's author count.")
    var authorCounts = false

    @Flag(help: "Archive what is in the stage.")
    var archiveCurrent = false

    func validate() throws {
        guard model != nil || project != nil else {
            throw ValidationError("Name a model, or a project with --project.")
        }
        guard !(set && remove) else { throw ValidationError("Give --set or --remove, not both.") }
        guard set || remove || stage == nil else {
            throw ValidationError("--stage goes with --set or --remove.")
        }
        guard stage != nil || !(set || remove) else {
            throw ValidationError("--set and --remove take --stage.")
        }
        let says = !check.isEmpty || !evidence.isEmpty || approvals != 0 || archiveCurrent
        guard set || !says && !authorCounts && approverRole == nil else {
            throw ValidationError("The options of a policy go with --set.")
        }
        guard approvals != 0 || !authorCounts && approverRole == nil else {
            throw ValidationError("--approver-role and --author-counts go with --approvals.")
        }
    }

    private var policy: PromotionPolicy? {
        guard set else { return nil }
        return PromotionPolicy(
            checks: check, evidence: Set(evidence.map(\.value)), approvals: approvals,
            approverRole: approverRole?.value ?? .maintainer, fourEyes: !authorCounts,
            archivesCurrent: archiveCurrent)
    }

    func run() async throws {
        let policies = try await Database(options).workspace(acting) { workspace in
            guard let stage = stage?.value else {
                return try await workspace.read { try stored(in: $0) }
            }
            return try await workspace.write { tx in
                try change(stage, in: tx)
                return try stored(in: tx)
            }
        }
        if options.json { return try Output.json(policies) }
        if policies.stages.isEmpty, !policies.isDamaged { Output.line("no stage has a policy") }
        for stage in policies.stages {
            let text =
                (try? policies[stage]).map(\.text)
                ?? "cannot be read: nothing enters; --set or --remove replaces it"
            Output.line("\(stage.rawValue): \(text)")
        }
        guard policies.isDamaged, policies.stages.allSatisfy({ (try? policies[$0]) != nil }) else {
            return
        }
        Output.line("other policies are of no known stage; --remove takes them away")
    }

    private func stored(in tx: any Transaction) throws -> PromotionPolicies {
        if let model {
            return try ShowModelCommand.find(model, project: project, in: tx).promotionPolicies
        }
        return try RunFilter.project(project ?? "", in: tx).promotionPolicies
    }

    private func change(_ stage: ModelStage, in tx: any Transaction) throws {
        if let model {
            let id = try ShowModelCommand.find(model, project: project, in: tx).id
            try tx.models.setPromotionPolicy(policy, for: stage, of: id)
        } else {
            let id = try RunFilter.project(project ?? "", in: tx).id
            try tx.projects.setPromotionPolicy(policy, for: stage, of: id)
        }
    }
}

extension PromotionPolicy {
    /// The policy in one line, each check as it is typed.
    fileprivate var text: String {
        var parts = checks.map { CheckExpression($0).text }
        parts += evidence.map(\.rawValue).sorted().map { "evidence \($0)" }
        if approvals > 0 {
            let count = approvals == 1 ? "1 approval" : "\(approvals) approvals"
            let whose = fourEyes ? ", not the author" : ""
            parts.append("\(count) (\(approverRole.rawValue)\(whose))")
        }
        if archivesCurrent { parts.append("archives what is there") }
        return parts.isEmpty ? "no demands" : parts.joined(separator: "; ")
    }
}
