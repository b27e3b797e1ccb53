import Foundation

/// Reads the points of one run, a page at a time, so that MLflow can write between two pages.
///
/// Rows come in the order in which they were stored. Those of one call to MLflow are stored in any
/// order, so that a page is sorted by time.
struct MLflowPointReader {
    let readsInfinities: Bool
    /// The points of the last page.
    private(set) var page: [SourcePoint] = []
    private var last: Int64 = .min
    private var names = NameCache()

    private static let pageSize: Int64 = 20_000

    init(readsInfinities: Bool) { self.readsInfinities = readsInfinities }

    /// Reads the next page; returns `false` after the last one.
    mutating func readPage(
        _ sql: String, of run: String, in database: ForeignDatabase, _ notes: inout ImportNotes
    ) throws -> Bool {
        page.removeAll(keepingCapacity: true)
        var (last, names, page) = (last, names, page)
        self.page = []
        var isSorted = true
        var rows: Int64 = 0
        let before = last
        try database.rows(sql, .text(run), .integer(before), .integer(Self.pageSize)) { row in
            rows += 1
            last = max(last, row.integer(5) ?? last)
            guard let step = row.integer(3) ?? (row.real(3).flatMap { Int64(exactly: $0) }) else {
                notes.leave("point", "its step is not a whole number", row.text(0))
                return
            }
            guard let value = value(row) else {
                notes.leave("point", "its value is not a number", row.text(0))
                return
            }
            guard let time = row.milliseconds(2) else {
                notes.leave("point", "its time is not one of the years 1 to 9999", row.text(0))
                return
            }
            let bytes = row.bytes(0)
            let name = names.text(bytes) { String(decoding: bytes, as: UTF8.self) }
            if let previous = page.last?.time, previous > time { isSorted = false }
            page.append(SourcePoint(name, value, step: step, at: time))
        }
        if !isSorted { page = Self.sorted(page) }
        self.last = last
        self.names = names
        self.page = page
        // Without row ids that grow, the next page would be this one.
        return rows > 0 && last > before
    }

    private func value(_ row: borrowing ForeignRow) -> Double? {
        if row.integer(4) == 1 { return .nan }
        guard let value = row.real(1) else { return nil }
        guard readsInfinities, value.magnitude == .greatestFiniteMagnitude else { return value }
        return value > 0 ? .infinity : -.infinity
    }

    /// By time; points of one time stay in their order.
    private static func sorted(_ points: [SourcePoint]) -> [SourcePoint] {
        points.enumerated().sorted { left, right in
            guard let first = left.element.time, let second = right.element.time,
                first != second
            else { return left.offset < right.offset }
            return first < second
        }.map(\.element)
    }
}
