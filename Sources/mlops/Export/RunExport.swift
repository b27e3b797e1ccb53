import MLOpsCore

/// How runs are written.
enum ExportFormat: String, CaseIterable, Sendable {
    /// JSON Lines: each run, followed by the points of its metrics.
    case jsonl
    /// CSV, a line for each run.
    case wide
    /// CSV, a line for each point.
    case long
}

/// Writes runs and the points of their metrics, in bounded memory.
///
/// Runs and points are read page by page, each page in a transaction of its own.
struct RunExport {
    let workspace: Workspace
    let query: Query<ExperimentRun>

    /// What was written.
    struct Summary: Encodable, Sendable {
        var runs = 0
        var points = 0
    }

    private static let pageOfRuns = 100
    private static let pageOfPoints = 2000

    func write(_ format: ExportFormat, to sink: TextSink) async throws -> Summary {
        switch format {
        case .jsonl: try await writeLines(to: sink)
        case .long: try await writeLong(to: sink)
        case .wide: try await writeWide(to: sink)
        }
    }

    private func forEachRun(_ body: (RunReport) async throws -> Void) async throws {
        var query = query
        query.limit = Self.pageOfRuns
        repeat {
            let part = query
            let (reports, next) = try await workspace.read { tx in
                let page = try tx.runs.page(part)
                return (try RunReport.all(page, at: workspace.now, in: tx), page.next)
            }
            for report in reports { try await body(report) }
            query.cursor = next
        } while query.cursor != nil
    }

    /// Hands on the points of a run, by metric and step.
    private func forEachPoint(
        of run: Identifier<ExperimentRun>, _ body: (RunMetric) throws -> Void
    ) async throws {
        let points = workspace.metrics.stream(
            Query(where: { $0.runID == run }, limit: Self.pageOfPoints))
        for try await point in points { try body(point) }
    }

    private func writeLines(to sink: TextSink) async throws -> Summary {
        var summary = Summary()
        try await forEachRun { report in
            summary.runs += 1
            try sink.write(try Output.jsonText(RunLine(report: report), inOneLine: true) + "\n")
            let run = report.run.id.description
            var (name, encoded) = ("", "\"\"")
            try await forEachPoint(of: report.run.id) { point in
                summary.points += 1
                if point.metricName != name {
                    name = point.metricName
                    encoded = try Output.jsonText(name, inOneLine: true)
                }
                let number = CSV.number(point.value)
                let value = point.value.isFinite ? number : "\"\(number)\""
                try sink.write(
                    "{\"metric\":\(encoded),\"run_id\":\"\(run)\",\"step\":\(point.step),"
                        + "\"timestamp\":\"\(Format.iso8601(point.timestamp))\","
                        + "\"type\":\"point\",\"value\":\(value)}\n")
            }
        }
        return summary
    }

    private func writeLong(to sink: TextSink) async throws -> Summary {
        var summary = Summary()
        try sink.write("run_id,run_name,experiment,project,metric,step,value,timestamp\n")
        try await forEachRun { report in
            summary.runs += 1
            let run = report.run
            let beginning = [
                run.id.description, run.runName, report.experimentName, report.projectSlug,
            ]
            try await forEachPoint(of: run.id) { point in
                summary.points += 1
                try sink.write(
                    CSV.line(
                        beginning + [
                            point.metricName, String(point.step), CSV.number(point.value),
                            Format.iso8601(point.timestamp),
                        ]))
            }
        }
        return summary
    }

    /// Writes two passes over the runs: the first finds the names of the columns.
    private func writeWide(to sink: TextSink) async throws -> Summary {
        var parameters: Set<String> = []
        var metrics: Set<String> = []
        var tags: Set<String> = []
        try await forEachRun { report in
            parameters.formUnion(report.run.flatParameters.keys)
            metrics.formUnion(report.run.metrics.keys)
            tags.formUnion(report.run.tags.keys)
        }
        let names = (parameters.sorted(), metrics.sorted(), tags.sorted())
        let figures: [MetricFigure] = [.last, .min, .max]
        var header = [
            "run_id", "run_name", "experiment", "project", "status", "parent_run_id", "created_at",
            "started_at", "completed_at", "duration_seconds",
        ]
        header += names.0.map { "params.\($0)" }
        header += names.1.flatMap { name in
            figures.map { $0 == .last ? "metrics.\(name)" : "metrics.\(name).\($0.rawValue)" }
        }
        header += names.2.map { "tags.\($0)" }
        try sink.write(CSV.line(header))
        var summary = Summary()
        try await forEachRun { report in
            summary.runs += 1
            let run = report.run
            let flat = run.flatParameters
            var fields = [
                run.id.description, run.runName, report.experimentName, report.projectSlug,
                run.status.rawValue, run.parentRunID?.description ?? "",
                Format.iso8601(run.createdAt), run.startedAt.map(Format.iso8601) ?? "",
                run.completedAt.map(Format.iso8601) ?? "", run.duration.map(CSV.number) ?? "",
            ]
            fields += names.0.map { flat[$0].map(CSV.text) ?? "" }
            fields += names.1.flatMap { name in
                figures.map { figure in run.metrics[name].map { CSV.number($0[figure]) } ?? "" }
            }
            fields += names.2.map { run.tags[$0] ?? "" }
            try sink.write(CSV.line(fields))
        }
        return summary
    }

    /// A run as a line of JSON.
    private struct RunLine: Encodable {
        let report: RunReport
        private enum CodingKeys: String, CodingKey { case type }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("run", forKey: .type)
        }
    }
}
