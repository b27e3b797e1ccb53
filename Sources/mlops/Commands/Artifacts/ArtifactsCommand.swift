import ArgumentParser

/// The group `mlops artifacts`.
struct ArtifactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts",
        abstract: "List the artifact files of runs, copy them in and out, prune them.",
        subcommands: [
            ListArtifactsCommand.self, ExportArtifactCommand.self, PutArtifactCommand.self,
            PruneArtifactsCommand.self,
        ])
}
