import ArgumentParser

/// The group `mlops artifacts`.
struct ArtifactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "Export and prune the artifact files of runs.",
        subcommands: [ExportArtifactCommand.self, PruneArtifactsCommand.self])
}
