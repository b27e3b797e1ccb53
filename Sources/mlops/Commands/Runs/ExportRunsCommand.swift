import ArgumentParser
import MLOpsCore
import MLOpsTransfer

/// How runs are written by the short form.
enum ExportFormat: String, CaseIterable, Sendable {
    /// JSON Lines: each run, followed by the points of its metrics.
    case jsonl
    /// CSV, a line for each run.
    case wide
    /// CSV, a line for each point.
    case long
}

/// The command `mlops runs export`.
struct ExportRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write runs with parameters, tags and metrics as JSON Lines or CSV.",
        discussion: """
            wide is `mlops export runs` and long is `mlops export metrics`; jsonl writes each \
            run, then the points of its metrics. Numbers have all their digits; those that JSON \
            does not have are the strings NaN, Infinity and -Infinity. Memory stays bounded, \
            whatever is written.

            EXAMPLES:
              mlops runs export --format wide > runs.csv
              mlops runs export 'eta=0.3 max_depth=6' --format long --out points.csv
              mlops runs export --project fraud-detection --since 30d --out runs.jsonl
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var runs: ExportedRuns
    @OptionGroup var output: ExportOutput

    @Option(help: ArgumentHelp("The format.", valueName: "format"))
    var format = Choice(ExportFormat.jsonl)

    private struct Result: Encodable {
        let runs: Int
        let points: Int
    }

    func validate() throws { try output.validate(options) }

    func run() async throws {
        let summary = try await Database(options).workspace(tenant) { workspace in
            let query = try await runs.query(in: workspace)
            let tables = TableExport(workspace)
            return try await output.write { destination, progress in
                switch format.value {
                case .jsonl:
                    try await tables.runsWithPoints(query, to: destination, progress: progress)
                case .wide:
                    try await tables.runs(query, as: .csv, to: destination, progress: progress)
                case .long:
                    try await tables.metrics(
                        of: query, as: .csv, to: destination, progress: progress)
                }
            }
        }
        let count = Format.count(summary.runs, "run")
        let points = format.value == .wide ? "" : " and \(Format.count(summary.points, "point"))"
        try output.report(
            Result(runs: summary.runs, points: summary.points), count + points, options)
    }
}
