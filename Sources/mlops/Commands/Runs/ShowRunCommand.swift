import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// The command `mlops runs show`.
struct ShowRunCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a run: parameters, metrics with their curves, artifacts, versions.",
        discussion: """
            EXAMPLES:
              mlops runs show 'eta=0.3 max_depth=6' --project fraud-detection
              mlops runs show 9f3c --database mlops.db
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var tenant: TenantOptions
    @OptionGroup var filter: RunFilter

    @Argument(
        help: "The run's name, its id, or four or more characters at either end of its id.",
        completion: .runs)
    var name: String

    private struct Result: Encodable, Sendable {
        let run: RunReport
        let children: [Identifier<ExperimentRun>]
        let versions: [ModelVersion]
        var curves: [String: [MetricBucket]] = [:]
        var lines: [String: String] = [:]

        private enum CodingKeys: String, CodingKey { case run, children, versions, curves }
    }

    /// The width of a curve in a table, in cells, and the number of its points in JSON.
    private static let curveWidth = 24
    private static let curvePoints = 100

    func run() async throws {
        let result = try await Database(options).workspace(tenant) { workspace in
            try await workspace.read { [self] in try load($0, at: workspace.now) }
        }
        if options.json { return try Output.json(result) }
        write(result)
    }

    private func load(_ tx: any Transaction, at now: Date) throws -> Result {
        let run = try ExperimentRun.find(name, in: tx, where: try filter.condition(in: tx))
        var result = Result(
            run: try RunReport(run, at: now, in: tx),
            children: try tx.runs.children(of: run.id).map(\.id),
            versions: try tx.runs.versions(from: run.id))
        for name in run.metrics.keys {
            if options.json {
                result.curves[name] = try tx.metrics.buckets(
                    of: run.id, metric: name, count: Self.curvePoints)
            } else {
                result.lines[name] = try Sparkline.text(
                    of: name, run: run.id, in: tx, width: Self.curveWidth)
            }
        }
        return result
    }

    private func write(_ result: Result) {
        let run = result.run.run
        Fields.write([
            "run": run.runName,
            "id": run.id.description,
            "project": result.run.projectSlug,
            "experiment": result.run.experimentName,
            "status": result.run.isAbandoned
                ? "running, but its process is gone; `mlops runs recover` ends it"
                : run.status.rawValue,
            "started": Format.time(run.startedAt),
            "completed": run.completedAt.map { Format.time($0) },
            "duration": Format.duration(run.duration),
            "parent": run.parentRunID?.description,
            "children": result.children.isEmpty
                ? nil : result.children.map { ShortID.text($0) }.joined(separator: ", "),
            "versions": result.versions.isEmpty
                ? nil
                : result.versions.map { "\($0.version) (\($0.stage.rawValue))" }
                    .joined(separator: ", "),
            "note": run.note,
            "error": run.errorMessage,
        ])
        writePairs("PARAMETER", run.flatParameters.mapValues { Format.json($0) })
        writeMetrics(run, result.lines)
        writePairs("TAG", run.tags.filter { $0.key != RunMark.note })
        writePairs(
            "ARTIFACT",
            run.artifacts.mapValues { artifact in
                let size = Format.bytes(Int(clamping: artifact.sizeBytes))
                switch artifact.kind {
                case .file, .directory: return size
                case .dataset: return "dataset"
                default:
                    let count = artifact.itemCount ?? 0
                    return "\(count) \(artifact.kind.rawValue)\(count == 1 ? "" : "s"), \(size)"
                }
            })
    }

    private func writePairs(_ title: String, _ pairs: [String: String]) {
        guard !pairs.isEmpty else { return }
        var table = TextTable([
            TextTable.Column(title, minimum: 8), TextTable.Column("VALUE", minimum: 8),
        ])
        for (name, value) in pairs.sorted(by: { $0.key < $1.key }) { table.add([name, value]) }
        Output.line()
        table.write()
    }

    private func writeMetrics(_ run: ExperimentRun, _ lines: [String: String]) {
        guard !run.metrics.isEmpty else { return }
        var table = TextTable([
            TextTable.Column("METRIC", minimum: 8), TextTable.Column("LAST", isRight: true),
            TextTable.Column("MIN", isRight: true, dropOrder: 2),
            TextTable.Column("MAX", isRight: true, dropOrder: 2),
            TextTable.Column("STEP", isRight: true, dropOrder: 3),
            TextTable.Column("POINTS", isRight: true, dropOrder: 4),
            TextTable.Column("CURVE"),
        ])
        for (name, summary) in run.metrics.sorted(by: { $0.key < $1.key }) {
            table.add([
                name, Format.number(summary.last), Format.number(summary.min),
                Format.number(summary.max), String(summary.step), String(summary.count),
                lines[name] ?? "",
            ])
        }
        Output.line()
        table.write()
    }
}
