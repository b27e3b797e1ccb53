import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops runs list`.
struct ListRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List runs, newest first or by a metric.",
        discussion: """
            EXAMPLES:
              mlops runs list --project digits --sort accuracy --limit 5
              mlops runs list --sort loss --ascending --json
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var filter: RunFilter
    @OptionGroup var limit: LimitOptions

    @Option(
        help: ArgumentHelp(
            "Order by the last value of this metric, the largest first; runs without it are left "
                + "out.", valueName: "metric"))
    var sort: String?

    @Flag(help: "With --sort, the smallest first.")
    var ascending = false

    func validate() throws {
        guard sort != nil || !ascending else {
            throw ValidationError("--ascending orders by a metric; name it with --sort.")
        }
    }

    private struct Result: Sendable {
        var runs: [RunReport] = []
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
        var newest = Query<ExperimentRun>(
            order: { [$0.createdAt.descending] }, limit: limit.limit)
        newest.filter = try filter.condition(in: tx)
        var query = newest
        if let sort {
            query = query.filtered { $0.metrics[sort].exists }
            let value = ExperimentRun.columns.metrics[sort]
            query.order = [ascending ? value.ascending : value.descending]
        }
        let page = try tx.runs.page(query)
        var result = Result()
        result.hasMore = page.next != nil
        if let sort, page.isEmpty { result.absence = try Self.absence(of: sort, newest, tx) }
        for run in page {
            result.runs.append(try RunReport(run, at: now, in: tx))
            if let sort, !options.json {
                result.curves.append(
                    try Sparkline.text(of: sort, run: run.id, in: tx, width: Self.curveWidth))
            }
        }
        return result
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
        let metrics = sort.map { [$0] } ?? Self.commonMetrics(result.runs)
        var columns = [
            TextTable.Column("ID"), TextTable.Column("RUN", minimum: 12),
            TextTable.Column("EXPERIMENT", minimum: 12, dropOrder: 2), TextTable.Column("STATUS"),
            TextTable.Column("STARTED", dropOrder: 3),
            TextTable.Column("DURATION", isRight: true, dropOrder: 5),
        ]
        for (index, metric) in metrics.enumerated() {
            let dropOrder = sort == nil ? [4, 6, 7][index] : 0
            columns.append(
                TextTable.Column(metric, isRight: true, minimum: 8, dropOrder: dropOrder))
        }
        if sort != nil { columns.append(TextTable.Column("CURVE", dropOrder: 1)) }
        var table = TextTable(columns)
        for (index, report) in result.runs.enumerated() {
            let run = report.run
            table.add(
                [
                    ShortID.text(run.id), run.runName, report.experimentName,
                    run.status.rawValue + (report.isAbandoned ? " (gone)" : ""),
                    Format.minute(run.startedAt), Format.duration(run.duration),
                ] + metrics.map { Format.number(run.metrics[$0]?.last) }
                    + (sort == nil ? [] : [result.curves[index]]))
        }
        table.write()
        if result.runs.contains(where: \.isAbandoned) {
            Output.line("the process of a run is gone; `mlops runs recover` ends it")
        }
        if result.hasMore { Output.line("there are more; raise --limit") }
    }

    /// The three metrics that the most runs have.
    private static func commonMetrics(_ runs: [RunReport]) -> [String] {
        var counts: [String: Int] = [:]
        for report in runs { for name in report.run.metrics.keys { counts[name, default: 0] += 1 } }
        let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ranked.prefix(3).map(\.key)
    }
}
