import ArgumentParser
import Foundation
import MLOpsTransfer

/// The command `mlops import trackio`.
struct ImportTrackioCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "trackio",
        abstract: "Take a database of Trackio, or a directory of them.",
        discussion: """
            Each of Trackio's projects becomes an experiment. Numbers are points, the \
            configuration becomes parameters, and measurements of the machine are metrics that \
            begin with system/. Tables, pictures, texts and histograms become records of the run, \
            other files artifacts. Alerts become lines of the file alerts.jsonl.

            EXAMPLE:
              mlops import trackio ~/.cache/huggingface/trackio --project digits
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var settings: ImportSettings

    @Argument(help: "The file or directory.")
    var place: String

    func run() async throws {
        try await take(TrackioSource(URL(filePath: place)), settings)
    }
}

/// The command `mlops import tensorboard`.
struct ImportTensorBoardCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "tensorboard",
        abstract: "Take a directory of TensorBoard's event files.",
        discussion: """
            Each directory that has event files is a run. Scalars are points, hyperparameters are \
            parameters, and histograms, texts and pictures become files of the run. Every \
            checksum is verified.

            When a program began again at an earlier step, TensorBoard shows only what it logged \
            the second time, and so does the import; --no-purge-restarts takes both.

            EXAMPLE:
              mlops import tensorboard runs --experiment sweep --project digits
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var settings: ImportSettings

    @Argument(help: "The directory.")
    var directory: String

    @Option(
        help: ArgumentHelp("The experiment (default: the directory's name).", valueName: "name"))
    var experiment: String?

    @Flag(inversion: .prefixedNo, help: "Leave points that a restarted program logged again.")
    var purgeRestarts = true

    func run() async throws {
        let source = try TensorBoardSource(
            URL(filePath: directory), experiment: experiment, purgesRestarts: purgeRestarts)
        try await take(source, settings)
    }
}
