/// Rows in columns, fitted to a width.
struct TextTable {
    /// One column.
    struct Column {
        let title: String
        /// Whether cells are aligned right, as numbers are.
        var isRight = false
        /// The smallest width that is still readable; `nil` for the full width.
        var minimum: Int?
        /// When space is short, columns with the highest number are dropped first; 0 stays.
        var dropOrder = 0
        /// Whether cells are words for a state, which a terminal shows in colour.
        var isState: Bool { Self.states.contains(title) }

        private static let states: Set = ["STATUS", "SEVERITY", "STATE", "RESULT", "STAGE"]

        init(
            _ title: String, isRight: Bool = false, minimum: Int? = nil, dropOrder: Int = 0
        ) {
            self.title = title
            self.isRight = isRight
            self.minimum = minimum
            self.dropOrder = dropOrder
        }
    }

    private static let gap = "  "
    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row with a cell for each column.
    mutating func add(_ cells: [String]) { rows.append(cells.map(\.singleLine)) }

    /// The lines of the table, at most `width` columns wide; `nil` for no limit.
    ///
    /// - Parameter isColoured: Whether to add what makes a terminal show colours.
    func lines(width: Int?, isColoured: Bool = false) -> [String] {
        let natural = columns.indices.map { index in
            rows.map { $0[index].displayWidth }.reduce(
                columns[index].title.singleLine.displayWidth, max)
        }
        let (shown, widths) = fit(natural, width)
        let header = columns.map(\.title.singleLine)
        return ([header] + rows).enumerated().map { index, row in
            let cells = shown.map {
                row[$0].padded(to: widths[$0], isRight: columns[$0].isRight)
            }
            let line = cells.joined(separator: Self.gap).truncated(to: width ?? .max)
            let trimmed = line.trimmedEnd
            guard isColoured else { return trimmed }
            if index == 0 { return Style.dim.applied(to: trimmed) }
            let isWhole = line == cells.joined(separator: Self.gap)
            return isWhole ? coloured(cells, shown) : trimmed
        }
    }

    /// The line of cells with the words for states in colour.
    private func coloured(_ cells: [String], _ shown: [Int]) -> String {
        zip(cells, shown).map { cell, column in
            guard columns[column].isState, let style = Style(state: cell) else { return cell }
            return style.applied(to: cell)
        }.joined(separator: Self.gap)
    }

    /// The columns that are shown, and the width of each column.
    private func fit(_ natural: [Int], _ width: Int?) -> ([Int], [Int]) {
        // A column without a cell says nothing, and takes room from others.
        var shown = columns.indices.filter { index in
            rows.isEmpty || rows.contains { !$0[index].isEmpty }
        }
        guard let width else { return (shown, natural) }
        func total(_ widths: [Int]) -> Int {
            shown.reduce(Self.gap.count * (shown.count - 1)) { $0 + widths[$1] }
        }
        let least = columns.indices.map { min(natural[$0], columns[$0].minimum ?? natural[$0]) }
        while total(least) > width,
            let drop = shown.filter({ columns[$0].dropOrder > 0 })
                .max(by: { columns[$0].dropOrder < columns[$1].dropOrder })
        {
            shown.removeAll { $0 == drop }
        }
        var widths = natural
        // Columns get narrower than readable only if they do not fit otherwise.
        for floor in [least, columns.map { _ in 1 }] {
            while total(widths) > width,
                let widest = shown.filter({ widths[$0] > floor[$0] })
                    .max(by: { widths[$0] < widths[$1] })
            {
                widths[widest] -= 1
            }
        }
        return (shown, widths)
    }

    /// Writes the table.
    func write() {
        let isColoured = Terminal.showsColours
        for line in lines(width: Terminal.width, isColoured: isColoured) {
            Output.write(line + "\n")
        }
    }
}

/// Names and values, one pair a line.
enum Fields {
    private static let gap = "  "
    /// The least width of a value, however narrow the terminal is.
    private static let leastRoom = 12

    /// Writes the pairs, except those without a value; long values go on in further lines.
    static func write(_ fields: KeyValuePairs<String, String?>) {
        let shown = fields.compactMap { name, value in value.map { (name, $0) } }
        let width = shown.map(\.0.displayWidth).max() ?? 0
        for (name, value) in shown {
            guard let columns = Terminal.width else {
                Output.line(name.padded(to: width) + gap + value)
                continue
            }
            // Nothing is cut: a message says at its end what to do.
            let room = max(columns - width - gap.count, leastRoom)
            for (index, line) in value.wrapped(to: room).enumerated() {
                Output.line((index == 0 ? name : "").padded(to: width) + gap + line)
            }
        }
    }
}
