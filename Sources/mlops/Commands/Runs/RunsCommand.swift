import ArgumentParser

/// The command `mlops runs`.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List, show and compare runs; end those whose process is gone.",
        subcommands: [
            ListRunsCommand.self, ShowRunCommand.self, CompareRunsCommand.self,
            RecoverRunsCommand.self,
        ])
}
