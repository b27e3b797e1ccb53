import ArgumentParser

/// The group `mlops artifacts`.
struct ArtifactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "Look after the files of runs.",
        subcommands: [PruneArtifactsCommand.self])
}
