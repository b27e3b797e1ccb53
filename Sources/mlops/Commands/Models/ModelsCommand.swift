import ArgumentParser

/// The command `mlops models`.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List and show registered models.",
        subcommands: [ListModelsCommand.self, ShowModelCommand.self])
}
