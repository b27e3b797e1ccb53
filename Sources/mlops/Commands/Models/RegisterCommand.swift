import ArgumentParser
import MLOpsCore

/// The command `mlops models register`.
struct RegisterCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Make the next version of a model from an artifact of a run.",
        discussion: """
            The model is found by its name in the run's project, or made. The version has the \
            artifact's SHA-256 and size, and the run as its source.

            EXAMPLES:
              mlops models register digits-mlp mlp-64 weights --alias champion
              mlops models register digits-mlp mlp-64 weights --version 2.1.0
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.", completion: .models)
    var model: String

    @OptionGroup var chosen: ChosenRun

    @Argument(help: "The artifact's name in the run.")
    var artifact: String

    @Option(help: "The version (default: the next one).")
    var version: String?

    @Option(
        help: ArgumentHelp(
            "An alias that names the version from now on; may be repeated.", valueName: "alias"))
    var alias: [String] = []

    @Option(help: ArgumentHelp("What the version is.", valueName: "text"))
    var description: String?

    func run() async throws {
        let made = try await Database(options).workspace(chosen.acting) { workspace in
            try await workspace.write { [self] tx in
                let run = try chosen.find(in: tx)
                guard run.artifacts[artifact] != nil else {
                    throw Failure.nothing(
                        "there is no artifact \(artifact)" + Failure.hint(run.artifacts.keys))
                }
                return try tx.register(
                    model: model, artifact: artifact, of: run.id, version: version,
                    aliases: alias, description: description)
            }
        }
        if options.json { return try Output.json(made) }
        let names = alias.isEmpty ? "" : ", \(alias.joined(separator: ", "))"
        Output.line("\(model) \(made.version) is registered\(names)")
    }
}
