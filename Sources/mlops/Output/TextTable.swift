/// Rows in columns, fitted to a width.
struct TextTable {
    /// One column.
    struct Column {
        let title: String
        /// Numbers stand at the right.
        var isRight = false
        /// The fewest characters that still say something; `nil` when that takes all of them.
        var minimum: Int?
        /// When the width does not suffice, columns of high numbers go first; 0 stays.
        var dropOrder = 0

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

    /// The lines of the table, none wider than `width`; without one, whole.
    func lines(width: Int?) -> [String] {
        let natural = columns.indices.map { index in
            rows.map { $0[index].displayWidth }.reduce(
                columns[index].title.singleLine.displayWidth, max)
        }
        let (shown, widths) = fit(natural, width)
        let header = columns.map(\.title.singleLine)
        return ([header] + rows).map { row in
            let cells = shown.map {
                row[$0].padded(to: widths[$0], isRight: columns[$0].isRight)
            }
            let line = cells.joined(separator: Self.gap).truncated(to: width ?? .max)
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Which columns are shown, and how wide.
    private func fit(_ natural: [Int], _ width: Int?) -> ([Int], [Int]) {
        var shown = Array(columns.indices)
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
        // Below what still says something goes only what would not fit otherwise.
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
        for line in lines(width: Terminal.width) { Output.line(line) }
    }
}

/// Names and values, one pair a line.
enum Fields {
    /// Writes the pairs; those without value are left out.
    static func write(_ fields: KeyValuePairs<String, String?>) {
        let shown = fields.compactMap { name, value in value.map { (name, $0) } }
        let width = shown.map(\.0.displayWidth).max() ?? 0
        for (name, value) in shown {
            let line = name.padded(to: width) + "  " + value.singleLine
            Output.line(line.truncated(to: Terminal.width.map { max($0, width + 12) } ?? .max))
        }
    }
}
