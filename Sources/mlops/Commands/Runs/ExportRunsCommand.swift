import ArgumentParser
import MLOpsCore

/// The command `mlops runs export`.
struct ExportRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write runs with parameters, tags and metrics as JSON Lines or CSV.",
        discussion: """
            jsonl writes each run, then the points of its metrics; wide a line of CSV for each \
            run, with the last, smallest and largest value of each metric; long a line of CSV for \
            each point. Numbers have all their digits; those that JSON does not have are the \
            strings NaN, Infinity and -Infinity. Memory stays bounded, whatever is written.

            EXAMPLES:
              mlops runs export --format wide > runs.csv
              mlops runs export 'eta=0.3 max_depth=6' --format long --out points.csv
              mlops runs export --project fraud-detection --since 30d --out runs.jsonl
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var selection: RunSelection

    @Argument(
        help: ArgumentHelp(
            "Names, ids, or parts of four or more characters at either end of an id (default: all "
                + "runs).", valueName: "run"),
        completion: .runs)
    var runs: [String] = []

    @Option(help: ArgumentHelp("The format.", valueName: "format"))
    var format = Choice(ExportFormat.jsonl)

    @Option(
        help: ArgumentHelp("The file to make (default: standard output).", valueName: "file"),
        completion: .file())
    var out: String?

    func validate() throws {
        guard out != nil || !options.json else {
            throw ValidationError("--json tells what was written to a file; name one with --out.")
        }
    }

    func run() async throws {
        let summary = try await Database(options).workspace(tenant) { workspace in
            let query = try await workspace.read { [self] tx in try self.query(in: tx) }
            let export = RunExport(workspace: workspace, query: query)
            return try await TextSink.writing(to: out) { sink in
                try await export.write(format.value, to: sink)
            }
        }
        guard let out else { return }
        if options.json { return try Output.json(summary) }
        let runs = Format.count(summary.runs, "run")
        let points = format.value == .wide ? "" : " and \(Format.count(summary.points, "point"))"
        Output.line("\(runs)\(points) written to \(out)")
    }

    private func query(in tx: any Transaction) throws -> Query<ExperimentRun> {
        var query = try selection.query(in: tx)
        // The order of ids is served by an index, page by page.
        query.order = []
        guard !runs.isEmpty else { return query }
        let scope = try selection.filter.condition(in: tx)
        let deleted: DeletedRows = selection.deleted ? .only : .excluded
        let ids = try runs.map {
            try ExperimentRun.find($0, in: tx, where: scope, deleted: deleted).id
        }
        return query.filtered { $0.id.isIn(ids) }
    }
}
