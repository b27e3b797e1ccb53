import ArgumentParser

/// The group `mlops artifacts`.
struct ArtifactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "Manage the artifact files of runs.",
        subcommands: [PruneArtifactsCommand.self])
}
