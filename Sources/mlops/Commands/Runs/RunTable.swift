import MLOpsCore
import MLOpsTransfer

/// A table of runs, in which columns that tell the runs apart stay when space is short.
struct RunTable {
    private let reports: [RunReport]
    private let parameters: [[String: JSONValue]]
    private var columns: [(column: RunColumn, dropOrder: Int)] = []
    private var curves: (title: String, lines: [String])?

    /// How many parameters and metrics are shown, unless columns are named.
    private static let parametersShown = 6
    private static let metricsShown = 3

    /// - Parameter curves: A curve for each run; the table keeps it longer than constant columns.
    init(
        _ reports: [RunReport], columns named: [RunColumn], sortedBy sort: RunColumn?,
        curves: [String]
    ) {
        self.reports = reports
        parameters = reports.map(\.run.flatParameters)
        if !curves.isEmpty { self.curves = ("CURVE", curves) }
        columns =
            named.isEmpty
            ? usual(sortedBy: sort) : named.map { ($0, 0) }
    }

    private func cells(of column: RunColumn) -> [String] {
        zip(reports, parameters).map { column.text($0, $1) }
    }

    /// Whether the runs have several values in a column.
    private func differs(_ column: RunColumn) -> Bool { Set(cells(of: column)).count > 1 }

    /// The columns when none are named; the important ones are dropped last.
    private func usual(sortedBy sort: RunColumn?) -> [(column: RunColumn, dropOrder: Int)] {
        let parameters = differingParameters
        let isByMetric = if case .metric? = sort { true } else { false }
        let metrics = isByMetric ? [] : commonMetrics
        var shown: [RunColumn] = [.field(.id), .field(.run), .field(.experiment), .field(.status)]
        shown +=
            [.field(.started), .field(.duration)] + parameters + metrics + [sort].compactMap(\.self)
        var seen: Set<RunColumn> = []
        shown = shown.filter { seen.insert($0).inserted }
        var ranking: [RunColumn] = [.field(.status)]
        for index in 0..<max(Self.parametersShown, Self.metricsShown) {
            if index < 2 { ranking += parameters.dropFirst(index * 2).prefix(2) }
            ranking += metrics.dropFirst(index).prefix(1)
            if index == 0 { ranking += [.field(.experiment), .field(.started)] }
        }
        ranking += [.field(.duration)] + parameters.dropFirst(4)
        // What is the same for all runs tells nothing apart.
        let isPlain = reports.count < 2
        ranking =
            ranking.filter { isPlain || differs($0) } + ranking.filter { !isPlain && !differs($0) }
        let fixed: Set<RunColumn> = Set([.field(.id), .field(.run)] + [sort].compactMap(\.self))
        return shown.map { column in
            let rank = ranking.firstIndex(of: column).map { $0 + 1 } ?? ranking.count + 1
            return (column, fixed.contains(column) ? 0 : rank)
        }
    }

    /// The parameters in which the runs differ: those with the most values first, then those that
    /// the most runs have.
    private var differingParameters: [RunColumn] {
        var counts: [String: (values: Set<JSONValue>, runs: Int)] = [:]
        for (name, value) in parameters.joined() {
            counts[name, default: ([], 0)].values.insert(value)
            counts[name, default: ([], 0)].runs += 1
        }
        let all = parameters.count
        let differing = counts.filter { $0.value.values.count > 1 || $0.value.runs < all }
        let ranked = differing.sorted {
            ($1.value.values.count, $1.value.runs, $0.key)
                < ($0.value.values.count, $0.value.runs, $1.key)
        }
        return ranked.prefix(Self.parametersShown).map { .parameter($0.key) }
    }

    /// The metrics that the most runs have.
    private var commonMetrics: [RunColumn] {
        var counts: [String: Int] = [:]
        for report in reports {
            for name in report.run.metrics.keys { counts[name, default: 0] += 1 }
        }
        let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ranked.prefix(Self.metricsShown).map { .metric($0.key, .last) }
    }

    /// The table, to be fitted to a width.
    var table: TextTable {
        let curveOrder = (columns.map(\.dropOrder).max() ?? 0) / 2 + 1
        var table = TextTable(
            columns.map { column, dropOrder in
                TextTable.Column(
                    column.title, isRight: column.isRight,
                    minimum: column.minimum.map { max($0, min(column.title.displayWidth, 14)) },
                    dropOrder: dropOrder)
            } + (curves.map { [TextTable.Column($0.title, dropOrder: curveOrder)] } ?? []))
        let cells = columns.map { self.cells(of: $0.column) }
        for row in reports.indices {
            table.add(cells.map { $0[row] } + (curves.map { [$0.lines[row]] } ?? []))
        }
        return table
    }
}
