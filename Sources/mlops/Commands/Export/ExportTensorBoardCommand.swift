import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// The command `mlops export tensorboard`.
struct ExportTensorBoardCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "tensorboard",
        abstract: "Write runs as event files of TensorBoard, a directory for each run.",
        discussion: """
            Points are scalars of 64 bits with their steps and times, parameters are those of the \
            plugin hparams, and recorded images, texts and histograms are there with their steps. \
            Tags, notes, files and tables are left.

            EXAMPLES:
              mlops export tensorboard --project digits --out logs
              mlops export tensorboard mlp-64 --no-records --out logs
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var runs: ExportedRuns

    @Option(
        help: ArgumentHelp("The directory to make.", valueName: "directory"),
        completion: .directory)
    var out: String

    @Flag(inversion: .prefixedNo, help: "Write recorded images, texts and histograms.")
    var records = true

    private struct Result: Encodable {
        let runs: Int
        let points: Int
        let records: Int
        let bytes: Int
    }

    func run() async throws {
        let summary = try await Database(options).workspace(acting) { workspace in
            let query = try await runs.query(in: workspace)
            return try await ExportOutput.showingProgress {
                try await TensorBoardExport(workspace).runs(
                    query, to: URL(filePath: out), withRecords: records, progress: $0)
            }
        }
        if options.json {
            return try Output.json(
                Result(
                    runs: summary.runs, points: summary.points, records: summary.rows,
                    bytes: summary.bytes))
        }
        let counts = [
            Format.count(summary.runs, "run"), Format.count(summary.points, "point"),
            Format.count(summary.rows, "record"),
        ]
        Output.line("\(counts.joined(separator: ", ")) written to \(out)")
    }
}
