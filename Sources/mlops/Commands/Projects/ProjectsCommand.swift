import ArgumentParser

/// The command `mlops projects`.
struct ProjectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projects",
        abstract: "List projects.",
        subcommands: [ListProjectsCommand.self])
}
