import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops metrics`.
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Show the points of a metric of a run.",
        subcommands: [ShowMetricCommand.self])
}

/// A range of steps, such as `100..200`, `100..`, `..200` or `100`.
struct StepRange: ExpressibleByArgument, Sendable {
    let steps: ClosedRange<Int64>

    init?(argument: String) {
        let parts = argument.components(separatedBy: "..")
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
        let bounds = parts.map { $0.isEmpty ? nil : Int64($0) }
        guard zip(parts, bounds).allSatisfy({ $0.isEmpty || $1 != nil }) else { return nil }
        let low = bounds[0] ?? .min
        let high = parts.count == 1 ? low : bounds[1] ?? .max
        guard low <= high else { return nil }
        steps = low...high
    }
}

/// The command `mlops metrics show`.
struct ShowMetricCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the points of a metric of a run, by step.",
        discussion: """
            EXAMPLES:
              mlops metrics show 'eta=0.3 max_depth=6' val_auc
              mlops metrics show 'eta=0.3 max_depth=6' val_auc --step 5..10
              mlops metrics show 'eta=0.3 max_depth=6' val_auc --step 100.. --json
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var filter: RunFilter
    @OptionGroup var limit: LimitOptions

    @Argument(
        help: "The run's name, its id, or four or more characters at either end of its id.",
        completion: .runs)
    var run: String

    @Argument(help: "The metric.", completion: .metrics)
    var metric: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Only these steps: 100..200, with both ends; 100.., ..200, or 100.",
            valueName: "A..B"))
    var step: StepRange?

    private struct Result: Encodable, Sendable {
        let run: Identifier<ExperimentRun>
        let metric: String
        let summary: MetricSummary
        var points: [MetricPoint] = []
        var hasMore = false
        var curve = ""

        private enum CodingKeys: String, CodingKey { case run, metric, summary, points, hasMore }
    }

    private static let curveWidth = 40

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] in try load($0) }
        }
        if options.json { return try Output.json(result) }
        write(result)
    }

    private func load(_ tx: any Transaction) throws -> Result {
        let run = try ExperimentRun.find(run, in: tx, where: try filter.condition(in: tx))
        guard let summary = run.metrics[metric] else {
            throw Failure.nothing(
                "the run has no metric \(metric)" + Failure.hint(run.metrics.keys))
        }
        var result = Result(run: run.id, metric: metric, summary: summary)
        try tx.metrics.forEachPoint(of: run.id, metric: metric, in: step?.steps) { point in
            guard result.points.count < limit.limit else {
                result.hasMore = true
                return false
            }
            result.points.append(point)
            return true
        }
        guard !result.points.isEmpty else {
            throw Failure.nothing("\(metric) has no point in these steps")
        }
        if !options.json {
            result.curve = try Sparkline.text(
                of: metric, run: run.id, in: tx, width: Self.curveWidth)
        }
        return result
    }

    private func write(_ result: Result) {
        let summary = result.summary
        Fields.write([
            "metric": result.metric,
            "last": "\(Format.number(summary.last)) at step \(summary.step)",
            "min": Format.number(summary.min),
            "max": Format.number(summary.max),
            "points": String(summary.count),
            "curve": result.curve,
        ])
        var table = TextTable([
            TextTable.Column("STEP", isRight: true), TextTable.Column("VALUE", isRight: true),
            TextTable.Column("TIME"),
        ])
        for point in result.points {
            table.add([
                String(point.step), Format.number(point.value, digits: 8),
                Format.time(point.timestamp),
            ])
        }
        Output.line()
        table.write()
        if result.hasMore { Output.line("there are more; raise --limit or give --step") }
    }
}
