import ArgumentParser

/// The command `mlops import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take another program's store, or the archive of a project.",
        discussion: """
            The source is only read, and may be written meanwhile. A run is taken whole or not at \
            all. A second import adds what is new and changes nothing else. The report says what \
            was taken, what was changed on the way, and what was left, and why.

            The database is made if it does not exist, and so are the local organization, if there \
            is none, and the project.

            EXAMPLES:
              mlops import mlflow mlflow.db --dry-run --database mlops.db
              mlops import csv metrics.csv --project digits --database mlops.db
            """,
        subcommands: [
            ImportMLflowCommand.self, ImportMLflowFilesCommand.self, ImportTrackioCommand.self,
            ImportTensorBoardCommand.self, ImportCSVCommand.self, ImportProjectCommand.self,
        ])
}
