import ArgumentParser

/// The group `mlops export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what a project holds into files.",
        subcommands: [ExportProjectCommand.self])
}
