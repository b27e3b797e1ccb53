import ArgumentParser
import MLOpsCore

/// The command `mlops models request`.
struct RequestPromotionCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for the promotion of a version.",
        discussion: """
            EXAMPLE:
              mlops models request digits-mlp 3 --to production --note 'half the errors'
            """)

    @OptionGroup var target: VersionOptions

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var note: String?

    var options: GlobalOptions { target.options }

    func run() async throws {
        let version = try await Database(options).workspace(target.acting) { workspace in
            try await workspace.write { [target, note] tx in
                try tx.modelVersions.requestPromotion(
                    of: target.find(in: tx).id, to: target.stage, note: note)
            }
        }
        if options.json { return try Output.json(version) }
        Output.line("asked to promote \(version.version) to \(target.stage.rawValue)")
    }
}

/// The command `mlops models approve`.
struct ApproveCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve the promotion of a version.",
        discussion: """
            Whoever may read the file may act for anybody in it. So an approval that is given here \
            is the operator's: the trail says so, and all operators count as one person.

            EXAMPLE:
              mlops models approve digits-mlp 3 --to production --as ada@example.com
            """)

    @OptionGroup var decision: DecisionOptions

    var options: GlobalOptions { decision.target.options }

    func run() async throws {
        try await decision.decide("approved") { try $0.approve($1, for: $2, note: $3) }
    }
}

/// The command `mlops models reject`.
struct RejectCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Reject the promotion of a version, until it is approved here or changes.",
        discussion: """
            EXAMPLE:
              mlops models reject digits-mlp 3 --to production --note 'too slow'
            """)

    @OptionGroup var decision: DecisionOptions

    var options: GlobalOptions { decision.target.options }

    func run() async throws {
        try await decision.decide("rejected") { try $0.reject($1, for: $2, note: $3) }
    }
}

/// The options of a decision about a promotion.
struct DecisionOptions: ParsableArguments {
    @OptionGroup var target: VersionOptions

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var note: String?

    /// Decides under system access in the name of the acting user, and writes the result.
    func decide(
        _ done: String,
        _ decide:
            @escaping @Sendable (
                any ModelVersionRepository, Identifier<ModelVersion>, ModelStage, String?
            ) throws -> ModelVersion
    ) async throws {
        let version = try await Database(target.options).open(for: .use) { store in
            let workspace = try await Tenant.workspace(of: store, target.acting)
            let (organization, actor) = (workspace.organizationID, workspace.principal)
            return try await store.withSystemAccess(
                reason: "mlops models: an operator decides in a user's name"
            ) { access in
                try await access.write { [self] tx in
                    let tx = try tx.scoped(to: organization, as: actor)
                    return try decide(tx.modelVersions, target.find(in: tx).id, target.stage, note)
                }
            }
        }
        if target.options.json { return try Output.json(version) }
        Output.line("\(done) \(version.version) for \(target.stage.rawValue), as the operator")
    }
}
