import ArgumentParser
import Foundation
import MLOpsTransfer

/// The command `mlops import csv`.
struct ImportCSVCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "csv",
        abstract: "Take metrics from a file of comma-separated values.",
        discussion: """
            The long form has a row for each point, with the columns metric and value. The wide \
            form has a column for each metric. Columns of both are run, experiment, step and \
            timestamp. A run is known by its experiment and its name.

            EXAMPLE:
              mlops import csv metrics.csv --experiment sweep --dry-run
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var settings: ImportSettings

    @Argument(help: "The file.")
    var file: String

    @Option(
        help: ArgumentHelp(
            "The experiment of rows that name none (default: the file's name).",
            valueName: "name"))
    var experiment: String?

    @Flag(help: "Take a last line without a line break: nobody is writing the file.")
    var whole = false

    func run() async throws {
        let source = try CSVSource(
            URL(filePath: file), experiment: experiment, isWhole: whole)
        try await take(source, settings)
    }
}
