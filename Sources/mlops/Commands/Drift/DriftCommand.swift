import ArgumentParser

/// The command `mlops drift`.
struct DriftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Profile reference data, compare later data with them, and report drift.",
        subcommands: [
            DriftProfileCommand.self, DriftCompareCommand.self, DriftReportCommand.self,
            ListDriftReportsCommand.self,
        ])
}

/// Which columns of a file are read, and how.
struct ColumnOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only this column; may be repeated (default: all).", valueName: "name"))
    var column: [String] = []

    @Option(
        help: ArgumentHelp(
            "A column of categories even if all its values are numbers; may be repeated.",
            valueName: "name"))
    var categorical: [String] = []
}
