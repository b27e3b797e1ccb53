import Foundation
public import MLOpsCore

extension TableExport {
    /// Writes a row for each point of the metrics of runs, by run, metric and step.
    ///
    /// The columns are `run_id`, `run_name`, `experiment`, `project`, `metric`, `step`, `value` and
    /// `timestamp`. `CSVSource` reads the CSV back.
    ///
    /// - Parameters:
    ///   - query: The runs; limit and cursor do not apply.
    ///   - names: The metrics; empty for all of them.
    ///   - format: CSV or JSON Lines.
    ///   - destination: Where the table goes.
    ///   - progress: Is told of progress.
    @discardableResult
    public func metrics(
        of query: Query<ExperimentRun> = Query(), named names: [String] = [],
        as format: TableFormat, to destination: ExportDestination, progress: Report? = nil
    ) async throws -> ExportSummary {
        let pages = PointPages(workspace: workspace, metrics: Set(names).sorted())
        switch format {
        case .csv:
            let header = ExportText.csvLine(PointTable.columns)
            return try await write(pages, query, CSVPoints(), header, to: destination, progress)
        case .jsonl:
            return try await write(
                pages, query, JSONPoints(withRuns: false), "", to: destination, progress)
        }
    }

    /// Writes each run as a line of JSON, followed by a line for each point of its metrics.
    ///
    /// Lines of runs are those of ``runs(_:as:to:progress:)`` with `"type": "run"`. Those of points
    /// have `"type": "point"` and the members `run_id`, `metric`, `step`, `timestamp` and `value`.
    ///
    /// - Parameters:
    ///   - query: The runs; limit and cursor do not apply.
    ///   - destination: Where the lines go.
    ///   - progress: Is told of progress.
    @discardableResult
    public func runsWithPoints(
        _ query: Query<ExperimentRun> = Query(), to destination: ExportDestination,
        progress: Report? = nil
    ) async throws -> ExportSummary {
        let pages = PointPages(workspace: workspace, metrics: [])
        var summary = try await write(
            pages, query, JSONPoints(withRuns: true), "", to: destination, progress)
        summary.rows += summary.runs
        return summary
    }

    private func write(
        _ pages: PointPages, _ query: Query<ExperimentRun>, _ writer: some PointWriter,
        _ header: String, to destination: ExportDestination, _ progress: Report?
    ) async throws -> ExportSummary {
        try await ExportFile.writing(to: destination) { file in
            var meter = try await ExportMeter(query, in: workspace, progress)
            var bytes = ExportBytes()
            bytes.append(header)
            try await file.write(bytes)
            meter.summary.bytes = bytes.count
            try await workspace.forEachPage(of: query) { runs in
                try await pages.write(runs, with: writer) { bytes, points in
                    try await file.write(bytes)
                    meter.summary.bytes += bytes.count
                    meter.summary.points += points
                    meter.summary.rows += points
                    meter.tell()
                }
                meter.summary.runs += runs.count
                meter.tell()
            }
            return meter.summary
        }
    }
}

private enum PointTable {
    static let columns = [
        "run_id", "run_name", "experiment", "project", "metric", "step", "value", "timestamp",
    ]
}

/// What stands before the step of each point of a curve, made once for the curve.
private struct Curve: Sendable {
    private var name: String?
    private(set) var beginning: [UInt8] = []

    mutating func end() { name = nil }

    mutating func begin(_ metric: String, _ write: (inout ExportBytes) throws -> Void) rethrows {
        guard name != metric else { return }
        var bytes = ExportBytes()
        try write(&bytes)
        beginning = bytes.bytes
        name = metric
    }
}

private struct CSVPoints: PointWriter {
    private var curve = Curve()
    private var run = ""

    mutating func begin(_ report: RunReport, to bytes: inout ExportBytes) {
        let line = ExportText.csvLine([
            report.run.id.description, report.run.runName, report.experimentName,
            report.projectSlug,
        ])
        run = line.dropLast() + ","
        curve.end()
    }

    mutating func write(_ point: RunMetric, to bytes: inout ExportBytes) {
        curve.begin(point.metricName) { beginning in
            beginning.append(run)
            beginning.append(csv: point.metricName)
            beginning.append(UInt8(ascii: ","))
        }
        bytes.append(curve.beginning)
        bytes.append(point.step)
        bytes.append(UInt8(ascii: ","))
        bytes.append(point.value)
        bytes.append(UInt8(ascii: ","))
        bytes.append(point.timestamp)
        bytes.append(UInt8(ascii: "\n"))
    }
}

private struct JSONPoints: PointWriter {
    private let withRuns: Bool
    private let beforeValue: String
    private var curve = Curve()
    private var run = ""

    init(withRuns: Bool) {
        self.withRuns = withRuns
        beforeValue = withRuns ? "\",\"type\":\"point\",\"value\":" : "\",\"value\":"
    }

    mutating func begin(_ report: RunReport, to bytes: inout ExportBytes) throws {
        curve.end()
        let id = "\"run_id\":\"\(report.run.id)\""
        guard !withRuns else {
            run = ",\(id),\"step\":"
            return try bytes.append(line: report)
        }
        let name = try ExportText.json(report.run.runName)
        let experiment = try ExportText.json(report.experimentName)
        let project = try ExportText.json(report.projectSlug)
        run = "{\(id),\"run_name\":\(name),\"experiment\":\(experiment),\"project\":\(project)"
    }

    mutating func write(_ point: RunMetric, to bytes: inout ExportBytes) throws {
        try curve.begin(point.metricName) { beginning in
            let metric = "\"metric\":\(try ExportText.json(point.metricName))"
            beginning.append(withRuns ? "{\(metric)\(run)" : "\(run),\(metric),\"step\":")
        }
        bytes.append(curve.beginning)
        bytes.append(point.step)
        bytes.append(",\"timestamp\":\"")
        bytes.append(point.timestamp)
        bytes.append(beforeValue)
        bytes.append(json: point.value)
        bytes.append("}\n")
    }
}
