/// What the columns of a file of metrics are, by their names.
struct CSVLayout {
    enum Form {
        /// A row for each point.
        case long(metric: Int, value: Int)
        /// A column for each metric.
        case wide([(column: Int, metric: String)])
    }

    /// How many fields a row has.
    let count: Int
    private(set) var run: Int?
    private(set) var experiment: Int?
    private(set) var step: Int?
    private(set) var time: Int?
    private(set) var form = Form.wide([])

    private static let runNames = ["run", "run_id", "run_uuid", "run_name"]
    private static let experimentNames = ["experiment", "experiment_name", "experiment_id"]
    private static let stepNames = ["step", "_step", "global_step", "iteration"]
    private static let timeNames = ["timestamp", "_timestamp", "time", "wall_time", "date"]
    private static let metricNames = ["metric", "metric_name", "key", "tag", "name"]
    private static let valueNames = ["value", "metric_value"]

    /// - Throws: ``ImportSourceError`` for a header without metrics.
    init(header: [String], of path: String, _ notes: inout ImportNotes) throws {
        count = header.count
        let names = header.map {
            $0.trimmed.lowercased().replacing(" ", with: "_")
        }
        /// The first column that has the first of the names that any has.
        func column(_ candidates: [String]) -> Int? {
            candidates.lazy.compactMap { names.firstIndex(of: $0) }.first
        }
        run = column(Self.runNames)
        experiment = column(Self.experimentNames)
        step = column(Self.stepNames)
        time = column(Self.timeNames)
        if let metric = column(Self.metricNames), let value = column(Self.valueNames) {
            form = .long(metric: metric, value: value)
            return
        }
        let known = [run, experiment, step, time]
        var seen: Set<String> = []
        var metrics: [(column: Int, metric: String)] = []
        for (index, name) in header.enumerated() where !known.contains(index) {
            if name.trimmed.isEmpty {
                notes.leave("column", "it has no name", "column \(index + 1)")
            } else if !seen.insert(name).inserted {
                notes.leave("column", "an earlier one has the same name", name)
            } else {
                metrics.append((index, name))
            }
        }
        let first = header.first ?? ""
        let isOneColumn = header.count == 1 && (first.contains(";") || first.contains("\t"))
        guard !metrics.isEmpty, !isOneColumn else {
            let hint =
                isOneColumn ? " Its separator is not the comma; write it anew with commas." : ""
            throw ImportSourceError(
                .anotherKind,
                "\(path) has no metrics: its header names neither `metric` and `value`, nor a "
                    + "column for each metric.\(hint)")
        }
        form = .wide(metrics)
    }
}

extension String {
    /// Without spaces at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
