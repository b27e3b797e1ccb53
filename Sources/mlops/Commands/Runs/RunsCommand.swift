import ArgumentParser

/// The command `mlops runs`.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List, show, compare, follow and plot runs; tag, note, delete and export them.",
        subcommands: [
            ListRunsCommand.self, ShowRunCommand.self, CompareRunsCommand.self,
            TagRunCommand.self, NoteRunCommand.self, DeleteRunsCommand.self,
            RestoreRunsCommand.self, ExportRunsCommand.self, PlotRunsCommand.self,
            WatchRunsCommand.self, RecoverRunsCommand.self,
        ])
}
