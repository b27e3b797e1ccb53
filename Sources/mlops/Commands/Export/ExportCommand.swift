import ArgumentParser

/// The command `mlops export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write runs, points, models and projects into files.",
        discussion: """
            Memory stays bounded, whatever is written. A file has its name when it is whole, only \
            its owner may read it, and nothing is replaced without --force.

            EXAMPLES:
              mlops export metrics --project digits --out points.csv
              mlops export tensorboard --since 7d --out logs
            """,
        subcommands: [
            ExportRunTableCommand.self, ExportMetricsCommand.self, ExportRegistryCommand.self,
            ExportTensorBoardCommand.self, ExportProjectCommand.self,
        ])
}
