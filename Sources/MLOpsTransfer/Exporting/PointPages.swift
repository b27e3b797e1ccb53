import MLOpsCore

/// Makes the bytes of points.
protocol PointWriter: Sendable {
    /// Begins a run, before its first point.
    mutating func begin(_ report: RunReport, to bytes: inout ExportBytes) throws
    /// Writes a point of the run that was begun last.
    mutating func write(_ point: RunMetric, to bytes: inout ExportBytes) throws
}

/// Reads the points of runs by run, metric and step, in pieces of bounded size.
///
/// A piece is read in one transaction, which ends before the piece is handed on.
struct PointPages {
    let workspace: Workspace
    /// The metrics; empty for all of them.
    let metrics: [String]

    /// The points of a page; a piece has fewer than two pages.
    private static let page = 10_000
    /// About how long the line of a point is.
    private static let bytesOfPoint = 160

    /// Where a piece begins.
    private struct Place {
        var run = 0
        var metric = 0
        var cursor: Cursor?
    }

    /// The bytes of a piece, and how many points they are.
    private struct Piece<Writer: PointWriter> {
        var bytes = ExportBytes()
        var points = 0
        var writer: Writer
        var place: Place
    }

    /// Hands the bytes of all points to a body, piece by piece, with the number of points.
    func write<Writer: PointWriter>(
        _ runs: [RunReport], with writer: Writer,
        _ body: (ExportBytes, Int) async throws -> Void
    ) async throws {
        var (writer, place) = (writer, Place())
        while place.run < runs.count {
            let (first, start) = (writer, place)
            let piece = try await workspace.read { tx in
                var piece = Piece(writer: first, place: start)
                piece.bytes.reserve(Self.page * Self.bytesOfPoint)
                while piece.points < Self.page, piece.place.run < runs.count {
                    try read(runs, into: &piece, in: tx)
                }
                return piece
            }
            (writer, place) = (piece.writer, piece.place)
            try await body(piece.bytes, piece.points)
        }
    }

    private func read<Writer>(
        _ runs: [RunReport], into piece: inout Piece<Writer>, in tx: any Transaction
    ) throws {
        let report = runs[piece.place.run]
        let run = report.run.id
        if piece.place.metric == 0, piece.place.cursor == nil {
            try piece.writer.begin(report, to: &piece.bytes)
        }
        var query = Query<RunMetric>(
            where: { $0.runID == run }, limit: Self.page, after: piece.place.cursor)
        if !metrics.isEmpty {
            let name = metrics[piece.place.metric]
            query = query.filtered { $0.metricName == name }
        }
        let page = try tx.metrics.page(query)
        for point in page.records { try piece.writer.write(point, to: &piece.bytes) }
        piece.points += page.count
        piece.place.cursor = page.next
        guard page.next == nil else { return }
        piece.place.metric += 1
        guard piece.place.metric >= metrics.count else { return }
        piece.place = Place(run: piece.place.run + 1)
    }
}
