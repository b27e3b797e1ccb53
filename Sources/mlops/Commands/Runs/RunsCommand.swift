import ArgumentParser

/// The command `mlops runs`.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List, show and compare runs.",
        subcommands: [ListRunsCommand.self, ShowRunCommand.self, CompareRunsCommand.self])
}
