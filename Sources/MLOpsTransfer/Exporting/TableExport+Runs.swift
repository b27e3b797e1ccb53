public import MLOpsCore

extension TableExport {
    /// Writes a row for each run.
    ///
    /// In CSV, the columns are `run_id`, `run_name`, `experiment`, `project`, `status`,
    /// `parent_run_id`, `created_at`, `started_at`, `completed_at`, `duration_seconds`, `group` and
    /// `note`; then `params.NAME`, with dots into nested ones; `metrics.NAME`, `metrics.NAME.min`
    /// and `metrics.NAME.max`, the last, smallest and largest value; and `tags.NAME`. The runs are
    /// read twice: the first time, the names of the columns are found. What a run gets meanwhile
    /// under a new name is not in the table.
    ///
    /// In JSON Lines, a run is an object with all its members, and `"type": "run"`.
    ///
    /// - Parameters:
    ///   - query: The runs; limit and cursor do not apply.
    ///   - format: CSV or JSON Lines.
    ///   - destination: Where the table goes.
    ///   - progress: Is told of progress.
    @discardableResult
    public func runs(
        _ query: Query<ExperimentRun> = Query(), as format: TableFormat,
        to destination: ExportDestination, progress: Report? = nil
    ) async throws -> ExportSummary {
        switch format {
        case .jsonl:
            try await write(query, to: destination, progress) { reports in
                var bytes = ExportBytes()
                for report in reports { try bytes.append(line: report) }
                return bytes
            }
        case .csv:
            try await ExportFile.writing(to: destination) { file in
                let columns = try await RunColumns(query, in: workspace)
                let writer = try TableWriter(.csv, columns: columns.names)
                var header = ExportBytes()
                writer.header(to: &header)
                return try await write(query, to: file, progress, header) { reports in
                    var bytes = ExportBytes()
                    for report in reports { try writer.row(columns.cells(report), to: &bytes) }
                    return bytes
                }
            }
        }
    }

    private func write(
        _ query: Query<ExperimentRun>, to destination: ExportDestination, _ progress: Report?,
        _ rows: ([RunReport]) throws -> ExportBytes
    ) async throws -> ExportSummary {
        try await ExportFile.writing(to: destination) { file in
            try await write(query, to: file, progress, ExportBytes(), rows)
        }
    }

    private func write(
        _ query: Query<ExperimentRun>, to file: ExportFile, _ progress: Report?,
        _ header: ExportBytes, _ rows: ([RunReport]) throws -> ExportBytes
    ) async throws -> ExportSummary {
        var meter = try await ExportMeter(query, in: workspace, progress)
        try await file.write(header)
        meter.summary.bytes = header.count
        try await workspace.forEachPage(of: query) { reports in
            let bytes = try rows(reports)
            try await file.write(bytes)
            meter.summary.bytes += bytes.count
            meter.summary.rows += reports.count
            meter.summary.runs += reports.count
            meter.tell()
        }
        return meter.summary
    }
}

/// The columns of a table of runs.
private struct RunColumns {
    private var parameters: [String] = []
    private var metrics: [String] = []
    private var tags: [String] = []

    private static let figures: [MetricFigure] = [.last, .min, .max]
    /// Tags that have columns of their own.
    private static let marks: Set = [RunMark.note, RunMark.group]

    /// Finds the names that the runs of a query have.
    init(_ query: Query<ExperimentRun>, in workspace: Workspace) async throws {
        var (parameters, metrics, tags) = (Set<String>(), Set<String>(), Set<String>())
        try await workspace.forEachPage(of: query) { reports in
            for run in reports.lazy.map(\.run) {
                parameters.formUnion(run.flatParameters.keys)
                metrics.formUnion(run.metrics.keys)
                tags.formUnion(run.tags.keys)
            }
        }
        self.parameters = parameters.sorted()
        self.metrics = metrics.sorted()
        self.tags = tags.subtracting(Self.marks).sorted()
    }

    var names: [String] {
        [
            "run_id", "run_name", "experiment", "project", "status", "parent_run_id", "created_at",
            "started_at", "completed_at", "duration_seconds", "group", "note",
        ] + parameters.map { "params.\($0)" }
            + metrics.flatMap { name in
                Self.figures.map {
                    $0 == .last ? "metrics.\(name)" : "metrics.\(name).\($0.rawValue)"
                }
            } + tags.map { "tags.\($0)" }
    }

    func cells(_ report: RunReport) -> [TableCell] {
        let run = report.run
        var cells: [TableCell] = [
            TableCell(run.id), .text(run.runName), .text(report.experimentName),
            .text(report.projectSlug), .text(run.status.rawValue), TableCell(run.parentRunID),
            .time(run.createdAt), TableCell(run.startedAt), TableCell(run.completedAt),
            TableCell(run.duration), TableCell(run.group), TableCell(run.note),
        ]
        let flat = run.flatParameters
        cells += parameters.map { TableCell(flat[$0]) }
        cells += metrics.flatMap { name in
            Self.figures.map { TableCell(run.metrics[name]?[$0]) }
        }
        cells += tags.map { TableCell(run.tags[$0]) }
        return cells
    }
}

extension ExportBytes {
    /// Appends a run as a line of JSON.
    mutating func append(line report: RunReport) throws {
        append(try ExportText.json(RunLine(report: report)))
        append(UInt8(ascii: "\n"))
    }
}

/// A run as an object of JSON Lines.
private struct RunLine: Encodable {
    let report: RunReport
    private enum CodingKeys: String, CodingKey { case type }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("run", forKey: .type)
    }
}
