import ArgumentParser
import Foundation
import MLOpsCore

/// The command `mlops runs compare`.
struct CompareRunsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Show the parameters in which runs differ, and their metrics side by side.",
        discussion: "EXAMPLE:\n  mlops runs compare 9f3c 01ab 77de --database mlops.db")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions

    @Argument(
        help: "Two or more names, ids, or parts of four or more characters at either end of an id.")
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
        let names = Set(runs.flatMap { ($0.parameters.object ?? [:]).keys })
        var parameters: [String: [JSONValue?]] = [:]
        for name in names {
            let values = runs.map { $0.parameters[name] }
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
            runs: try runs.map { try RunReport($0, at: now, in: tx) }, parameters: parameters,
            metrics: metrics, curves: curves)
    }

    /// The width of one curve: the runs share three quarters of the terminal.
    private var curveWidth: Int {
        Terminal.width.map { max(4, min(24, $0 * 3 / 4 / runs.count - 2)) } ?? 24
    }

    private func write(_ result: Result) {
        let runs = result.runs.map(\.run)
        var table = TextTable(
            [TextTable.Column("", minimum: 8)]
                + runs.map { TextTable.Column(ShortID.text($0.id), minimum: 8) })
        table.add(["run"] + runs.map(\.runName))
        table.add(["experiment"] + result.runs.map(\.experimentName))
        table.add(["status"] + runs.map(\.status.rawValue))
        table.add(["duration"] + runs.map { Format.duration($0.duration) })
        for (name, values) in result.parameters.sorted(by: { $0.key < $1.key }) {
            table.add([name] + values.map { Format.json($0) })
        }
        for (name, values) in result.metrics.sorted(by: { $0.key < $1.key }) {
            table.add([name] + values.map { Format.number($0?.last) })
            if let curves = result.curves[name] { table.add([""] + curves) }
        }
        table.write()
        if result.parameters.isEmpty { Output.line("the parameters are the same") }
    }
}
