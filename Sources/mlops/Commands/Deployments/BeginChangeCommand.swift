import ArgumentParser
import MLOpsCore

/// The command `mlops deployments begin`.
struct BeginChangeCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "begin",
        abstract: "Begin a change that takes time; `complete` or `fail` ends it.",
        discussion: """
            What serves goes on until the change is completed. A deployment has one change at a \
            time.

            EXAMPLES:
              mlops deployments begin digits-api --update 4
              mlops deployments begin digits-api --terminate --reason 'replaced'
            """)

    @OptionGroup var target: ChangeOptions

    @Option(help: ArgumentHelp("To another version.", valueName: "version"))
    var update: String?

    @Flag(help: "To the version of before.")
    var rollback = false

    @Flag(help: "To its end.")
    var terminate = false

    @Option(help: ArgumentHelp("The stage that the version has to be in.", valueName: "stage"))
    var demand: Choice<ModelStage>?

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String?

    var options: GlobalOptions { target.options }

    func validate() throws {
        let chosen = [update != nil, rollback, terminate].count { $0 }
        guard chosen == 1 else {
            throw ValidationError(
                "Give one of --update, --rollback and --terminate; the other changes begin with "
                    + "--begin.")
        }
        guard !terminate || demand == nil else {
            throw ValidationError("--demand goes with --update or --rollback.")
        }
    }

    func run() async throws {
        try await target.change("began") { [self] tx, id in
            let change: DeploymentChange =
                if let update {
                    .update(to: try target.version(update, in: tx))
                } else {
                    rollback ? .rollback(to: nil) : .terminate
                }
            try tx.deployments.begin(
                change, of: id, reason: reason, demanding: demand?.value)
            return try tx.deployments.find(id)
        }
    }
}
