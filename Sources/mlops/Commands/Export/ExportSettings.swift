import ArgumentParser
import Foundation
import MLOpsCore
import MLOpsTransfer

/// The runs that an export covers.
struct ExportedRuns: ParsableArguments, Sendable {
    @OptionGroup var selection: RunSelection

    @Argument(
        help: ArgumentHelp(
            "Names, ids, or parts of four or more characters at either end of an id (default: all "
                + "runs).", valueName: "run"),
        completion: .runs)
    var runs: [String] = []

    func query(in workspace: Workspace) async throws -> Query<ExperimentRun> {
        try await workspace.read { [self] tx in try query(in: tx) }
    }

    private func query(in tx: any Transaction) throws -> Query<ExperimentRun> {
        var query = try selection.query(in: tx)
        // The order of ids is served by an index, page by page.
        query.order = []
        guard !runs.isEmpty else { return query }
        let scope = try selection.filter.condition(in: tx)
        let deleted: DeletedRows = selection.deleted ? .only : .excluded
        let ids = try runs.map {
            try ExperimentRun.find($0, in: tx, where: scope, deleted: deleted).id
        }
        return query.filtered { $0.id.isIn(ids) }
    }
}

/// Where a command writes a table.
struct ExportOutput: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file to make (default: standard output).", valueName: "file"),
        completion: .file())
    var out: String?

    @Flag(help: "Replace the file if it exists.")
    var force = false

    func validate() throws {
        guard out != nil || !force else {
            throw ValidationError("--force replaces a file; name it with --out.")
        }
    }

    /// Refuses JSON about a table that is itself written to standard output.
    func validate(_ options: GlobalOptions) throws {
        guard out != nil || !options.json else {
            throw ValidationError("--json tells what was written to a file; name one with --out.")
        }
    }

    var destination: ExportDestination {
        out.map { .file(URL(filePath: $0), replacing: force) } ?? .standardOutput
    }

    /// Exports to the destination, with a bar for a file.
    func write(
        _ body: (ExportDestination, TableExport.Report?) async throws -> ExportSummary
    ) async throws -> ExportSummary {
        guard out != nil else { return try await body(destination, nil) }
        return try await Self.showingProgress { try await body(destination, $0) }
    }

    static func showingProgress(
        _ body: (@escaping TableExport.Report) async throws -> ExportSummary
    ) async throws -> ExportSummary {
        let bar = Progress("exporting")
        defer { bar.finish() }
        return try await body { bar.update($0.runs, of: $0.totalRuns) }
    }

    /// Says what was written to a file.
    func report(_ result: some Encodable, _ words: String, _ options: GlobalOptions) throws {
        guard let out else { return }
        if options.json { return try Output.json(result) }
        Output.line("\(words) written to \(out)")
    }
}

/// What an export of a table has written, as JSON.
struct ExportedRows: Encodable {
    let rows: Int
    let bytes: Int

    init(_ summary: ExportSummary) { (rows, bytes) = (summary.rows, summary.bytes) }

    var words: String { Format.count(rows, "row") }
}
