import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// The command `mlops runs compare`.
struct CompareRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Show the parameters in which runs differ, and their metrics side by side.",
        discussion: """
            Nested parameters are compared one by one. Runs that do not fit beside one another \
            come in several tables.

            EXAMPLE:
              mlops runs compare 'eta=0.3 max_depth=6' 'eta=1.0 max_depth=6'
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(
        help: "Two or more names, ids, or parts of four or more characters at either end of an id.",
        completion: .runs)
    var runs: [String]

    private struct Result: Encodable, Sendable {
        let runs: [RunReport]
        let parameters: [String: [JSONValue?]]
        let metrics: [String: [MetricSummary?]]
        let curves: [String: [String]]

        private enum CodingKeys: String, CodingKey { case runs, parameters, metrics }
    }

    func validate() throws {
        guard runs.count >= 2 else { throw ValidationError("Give two runs or more.") }
    }

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] in try load($0, at: workspace.now) }
        }
        if options.json { return try Output.json(result) }
        write(result)
    }

    private func load(_ tx: any Transaction, at now: Date) throws -> Result {
        let runs = try self.runs.map { try ExperimentRun.find($0, in: tx) }
        let flat = runs.map(\.flatParameters)
        var parameters: [String: [JSONValue?]] = [:]
        for name in Set(flat.flatMap(\.keys)) {
            let values = flat.map { $0[name] }
            if Set(values).count > 1 { parameters[name] = values }
        }
        var metrics: [String: [MetricSummary?]] = [:]
        var curves: [String: [String]] = [:]
        for name in Set(runs.flatMap(\.metrics.keys)) {
            metrics[name] = runs.map { $0.metrics[name] }
            guard !options.json else { continue }
            curves[name] = try runs.map { run in
                guard run.metrics[name] != nil else { return Format.none }
                return try Sparkline.text(of: name, run: run.id, in: tx, width: curveWidth)
            }
        }
        return Result(
            runs: try RunReport.all(runs, at: now, in: tx), parameters: parameters,
            metrics: metrics, curves: curves)
    }

    /// The narrowest column of a run that still shows what it is.
    private static let leastWidth = 11
    /// The part of the terminal that the names of parameters and metrics may take.
    private static let nameWidth = 18

    /// How many runs are side by side.
    private var runsInTable: Int {
        guard let width = Terminal.width else { return runs.count }
        return max(1, min(runs.count, (width - Self.nameWidth) / (Self.leastWidth + 2)))
    }

    /// The width of one curve: the runs share what the names leave of the terminal.
    private var curveWidth: Int {
        guard let width = Terminal.width else { return 24 }
        return max(4, min(24, (width - Self.nameWidth) / runsInTable - 2))
    }

    private func write(_ result: Result) {
        let first = stride(from: 0, to: result.runs.count, by: runsInTable)
        for start in first {
            if start > 0 { Output.line() }
            write(result, start..<min(start + runsInTable, result.runs.count))
        }
        if result.parameters.isEmpty { Output.line("the parameters are the same") }
    }

    private func write(_ result: Result, _ part: Range<Int>) {
        let reports = result.runs[part]
        var table = TextTable(
            [TextTable.Column("", minimum: Self.nameWidth)]
                + reports.map { TextTable.Column(ShortID.text($0.run.id), minimum: 8) })
        table.add(["run"] + reports.map(\.run.runName))
        table.add(["experiment"] + reports.map(\.experimentName))
        table.add(["status"] + reports.map(\.stateText))
        table.add(["duration"] + reports.map { Format.duration($0.run.duration) })
        for (name, values) in result.parameters.sorted(by: { $0.key < $1.key }) {
            table.add([name] + values[part].map { Format.json($0) })
        }
        for (name, values) in result.metrics.sorted(by: { $0.key < $1.key }) {
            table.add([name] + values[part].map { Format.number($0?.last) })
            if let curves = result.curves[name] { table.add([""] + curves[part]) }
        }
        table.write()
    }
}
