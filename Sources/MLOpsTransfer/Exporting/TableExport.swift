public import MLOpsCore

/// How a table is written.
public enum TableFormat: String, Sendable, Hashable, CaseIterable {
    /// Comma-separated values (RFC 4180) in UTF-8, with a header.
    case csv
    /// JSON Lines: an object for each row.
    case jsonl
}

/// What an export has written.
public struct ExportSummary: Sendable, Hashable {
    /// Runs that were read.
    public internal(set) var runs = 0
    /// Points of metrics that were written.
    public internal(set) var points = 0
    /// Rows of the table, without the header; of event files, recorded items.
    public internal(set) var rows = 0
    /// Bytes.
    public internal(set) var bytes = 0
}

/// How far an export is.
public struct ExportProgress: Sendable, Hashable {
    /// Runs that are written.
    public let runs: Int
    /// Runs of the query when the export began.
    public let totalRuns: Int
    /// Points that are written.
    public let points: Int
}

/// Writes runs, points of metrics, and the registry as tables, in bounded memory.
///
/// A table holds what the workspace's principal may see. It is read page by page, each page in a
/// transaction of its own: a slow reader of the output holds no snapshot, and rows that are written
/// meanwhile appear if they lie ahead. A file has its name when it is whole, and only its owner may
/// read it.
///
/// Numbers have all their digits. NaN and infinities are `NaN`, `Infinity` and `-Infinity`, in JSON
/// as strings. Times are in UTC to the microsecond. Texts are written as they are.
///
/// ```swift
/// let tables = TableExport(workspace)
/// let file = ExportDestination.file(URL(filePath: "points.csv"))
/// print(try await tables.metrics(as: .csv, to: file).points)
/// ```
///
/// Every method throws `.alreadyExists` for a file that exists and is not to be replaced,
/// `.cannotOpen`, `.diskFull` and `.inputOutput`, and what reading throws.
public struct TableExport: Sendable {
    /// Is told of progress, on any thread.
    public typealias Report = @Sendable (ExportProgress) -> Void

    let workspace: Workspace

    /// An export of what the workspace's principal sees.
    public init(_ workspace: Workspace) { self.workspace = workspace }
}

/// Counts what an export writes.
struct ExportMeter {
    var summary = ExportSummary()
    private let totalRuns: Int
    private let report: TableExport.Report?

    init(
        _ query: Query<ExperimentRun>, in workspace: Workspace, _ report: TableExport.Report?
    ) async throws {
        self.report = report
        totalRuns = report == nil ? 0 : try await workspace.runs.count(query)
    }

    func tell() {
        report?(
            ExportProgress(runs: summary.runs, totalRuns: totalRuns, points: summary.points))
    }
}

extension Workspace {
    private static var pageOfRuns: Int { 100 }

    /// Hands on the runs of a query, page by page; its limit and cursor do not apply.
    func forEachPage(
        of query: Query<ExperimentRun>, _ body: ([RunReport]) async throws -> Void
    ) async throws {
        var query = query
        query.limit = Self.pageOfRuns
        query.cursor = nil
        repeat {
            let part = query
            let (reports, next) = try await read { tx in
                let page = try tx.runs.page(part)
                return (try RunReport.all(page, at: now, in: tx), page.next)
            }
            try await body(reports)
            query.cursor = next
        } while query.cursor != nil
    }
}
