import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// The command `mlops runs list`.
struct ListRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List runs, newest first or in another order.",
        discussion: """
            --where takes comparisons (=, !=, <, <=, >, >=, in, like, contains, is null) of \
            metrics.NAME with its figures (.min, .max, .last, .step, .count), params.NAME, \
            tags.NAME, name, status, experiment, project, started, ended, created, duration, note \
            and others, joined by and, or, not and parentheses. A time may be -7d.

            In a terminal the columns stay in which the runs differ. --columns names others: a \
            column of every run, metrics.NAME for a last value, metrics.NAME.min or .max, \
            params.NAME with dots into nested parameters, tags.NAME.

            EXAMPLES:
              mlops runs list --project fraud-detection --sort val_auc --limit 5
              mlops runs list --sort loss.min --ascending --json
              mlops runs list --where 'metrics.val_auc > 0.94 and params.max_depth < 8'
              mlops runs list --where 'not (status = failed)' --sort duration
              mlops runs list --since 7d --columns id,run,params.eta,metrics.val_auc.max
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var selection: RunSelection
    @OptionGroup var limit: LimitOptions

    @Option(
        help: ArgumentHelp(
            "Order by a metric's last value, or its figure as loss.min (runs without it are left "
                + "out), or by name, status, started, ended, created, updated, duration or "
                + "params.NAME; the largest first.", valueName: "field"),
        completion: .metrics)
    var sort: String?

    @Flag(help: "With --sort, the smallest first.")
    var ascending = false

    @Option(
        help: ArgumentHelp("The columns to show, separated by commas.", valueName: "names"),
        transform: { try $0.split(separator: ",").map { try RunColumn(String($0)) } })
    var columns: [RunColumn] = []

    func validate() throws {
        guard sort != nil || !ascending else {
            throw ValidationError("--ascending goes with --sort.")
        }
    }

    private struct Result: Sendable {
        var runs: [RunReport] = []
        var sort: RunColumn?
        var curves: [String] = []
        var hasMore = false
        /// The message when there is no run.
        var absence = "no run was found"
    }

    /// The width of a curve beside other columns, in cells.
    private static let curveWidth = 16

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] in try load($0, at: workspace.now) }
        }
        guard !result.runs.isEmpty else { throw Failure.nothing(result.absence) }
        if options.json { return try Output.json(result.runs) }
        write(result)
    }

    private func load(_ tx: any Transaction, at now: Date) throws -> Result {
        let newest = try selection.query(in: tx, limit: limit.limit)
        var (query, result) = (newest, Result())
        var metric: String?
        let sorted = try sort.flatMap { try RunColumn(sortedBy: $0) }
        if let sort, !isMetric(sorted) {
            let direction = ascending ? "asc" : "desc"
            query.order = try [Order<ExperimentRun>](parsing: "\(sort) \(direction)")
        }
        if case .metric(let name, let figure)? = sorted {
            query = query.filtered { $0.metrics[name].exists }
            let value = ExperimentRun.columns.metrics[name, figure]
            query.order = [ascending ? value.ascending : value.descending]
            metric = name
        }
        let page = try tx.runs.page(query)
        result.hasMore = page.next != nil
        result.sort = sorted
        if let metric, page.isEmpty { result.absence = try Self.absence(of: metric, newest, tx) }
        result.runs = try RunReport.all(page, at: now, in: tx)
        if let metric, !options.json, columns.isEmpty, !selection.deleted {
            result.curves = try page.map {
                try Sparkline.text(of: metric, run: $0.id, in: tx, width: Self.curveWidth)
            }
        }
        return result
    }

    private func isMetric(_ column: RunColumn?) -> Bool {
        if case .metric? = column { true } else { false }
    }

    /// The message that no run has a metric; it lists existing ones, as one was probably meant.
    private static func absence(
        of metric: String, _ runs: Query<ExperimentRun>, _ tx: any Transaction
    ) throws -> String {
        guard try tx.runs.count(runs) > 0 else { return "no run was found" }
        return try "no run has the metric \(metric)"
            + Failure.hint(of: runs, in: tx) { $0.metrics.keys }
    }

    private func write(_ result: Result) {
        RunTable(
            result.runs, columns: columns, sortedBy: result.sort, curves: result.curves
        ).table.write()
        if result.runs.contains(where: \.isAbandoned) {
            Output.line("the process of a run is gone; `mlops runs recover` ends it")
        }
        if result.hasMore { Output.line("there are more; raise --limit") }
    }
}
