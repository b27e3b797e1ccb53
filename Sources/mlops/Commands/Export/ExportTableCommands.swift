import ArgumentParser
import MLOpsCore
import MLOpsTransfer

/// The command `mlops export runs`.
struct ExportRunTableCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Write a row for each run, as CSV or JSON Lines.",
        discussion: """
            In CSV a run has a column for each parameter (params.NAME, with dots into nested \
            ones), for the last, smallest and largest value of each metric (metrics.NAME, .min, \
            .max), and for each tag (tags.NAME). In JSON Lines it is an object with all its \
            members.

            EXAMPLES:
              mlops export runs --project digits > runs.csv
              mlops export runs --where 'tags.team = risk' --format jsonl > runs.jsonl
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var runs: ExportedRuns
    @OptionGroup var output: ExportOutput

    @Option(help: ArgumentHelp("The format.", valueName: "format"))
    var format = Choice(TableFormat.csv)

    func validate() throws { try output.validate(options) }

    func run() async throws {
        let summary = try await Database(options).workspace(acting) { workspace in
            let query = try await runs.query(in: workspace)
            return try await output.write {
                try await TableExport(workspace)
                    .runs(query, as: format.value, to: $0, progress: $1)
            }
        }
        let written = ExportedRows(summary)
        try output.report(written, written.words, options)
    }
}

/// The command `mlops export metrics`.
struct ExportMetricsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Write a row for each point of the metrics of runs, as CSV or JSON Lines.",
        discussion: """
            A row has run_id, run_name, experiment, project, metric, step, value and timestamp, \
            by run, metric and step. `mlops import csv` reads the CSV back.

            EXAMPLES:
              mlops export metrics --project digits > points.csv
              mlops export metrics mlp-64 --metric loss --format jsonl --out loss.jsonl
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var runs: ExportedRuns
    @OptionGroup var output: ExportOutput

    @Option(
        help: ArgumentHelp("A metric; repeat it for more (default: all).", valueName: "name"),
        completion: .metrics)
    var metric: [String] = []

    @Option(help: ArgumentHelp("The format.", valueName: "format"))
    var format = Choice(TableFormat.csv)

    func validate() throws { try output.validate(options) }

    func run() async throws {
        let summary = try await Database(options).workspace(acting) { workspace in
            let query = try await runs.query(in: workspace)
            return try await output.write {
                try await TableExport(workspace)
                    .metrics(of: query, named: metric, as: format.value, to: $0, progress: $1)
            }
        }
        let written = ExportedRows(summary)
        try output.report(written, written.words, options)
    }
}

/// The tables of the registry.
enum RegistryTable: String, CaseIterable, Sendable {
    /// A row for each version.
    case versions
    /// A row for each model.
    case models
}

/// The command `mlops export registry`.
struct ExportRegistryCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Write a row for each model version, or for each model, as CSV or JSON Lines.",
        discussion: """
            A version has its model and project, number, stage, aliases, tags, source run, \
            artifact with SHA-256 and size, and signature; in CSV, objects and lists are JSON.

            EXAMPLES:
              mlops export registry > versions.csv
              mlops export registry --table models --project digits --format jsonl
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var output: ExportOutput

    @Option(
        help: ArgumentHelp("Only models of this project.", valueName: "slug"),
        completion: .projects)
    var project: String?

    @Option(help: ArgumentHelp("The table.", valueName: "table"))
    var table = Choice(RegistryTable.versions)

    @Option(help: ArgumentHelp("The format.", valueName: "format"))
    var format = Choice(TableFormat.csv)

    func validate() throws { try output.validate(options) }

    func run() async throws {
        let summary: ExportSummary = try await Database(options).workspace(acting) { workspace in
            let query = try await workspace.read { [self] tx in try self.query(in: tx) }
            let tables = TableExport(workspace)
            return switch table.value {
            case .versions:
                try await tables.modelVersions(
                    of: query, as: format.value, to: output.destination)
            case .models:
                try await tables.models(query, as: format.value, to: output.destination)
            }
        }
        let written = ExportedRows(summary)
        try output.report(written, written.words, options)
    }

    private func query(in tx: any Transaction) throws -> Query<Model> {
        guard let project else { return Query() }
        let id = try RunFilter.project(project, in: tx).id
        return Query(where: { $0.projectID == id })
    }
}
