import MLOpsOperations

/// The table of columns and how far they are from their reference.
struct DriftTable {
    private var table = TextTable([
        TextTable.Column("COLUMN", minimum: 12), TextTable.Column("METHOD"),
        TextTable.Column("STATISTIC", isRight: true),
        TextTable.Column("P", isRight: true),
        TextTable.Column("THRESHOLD", isRight: true, dropOrder: 1),
        TextTable.Column("REFERENCE", isRight: true, dropOrder: 3),
        TextTable.Column("CURRENT", isRight: true, dropOrder: 2),
        TextTable.Column("DRIFT"),
    ])

    mutating func add(
        _ column: String, method: String, statistic: Double?, pValue: Double?, threshold: Double,
        counts: (reference: Int, current: Int), isDrift: Bool
    ) {
        table.add([
            column, method, Format.number(statistic), Format.number(pValue, digits: 3),
            Format.number(threshold), String(counts.reference), String(counts.current),
            isDrift ? "yes" : "no",
        ])
    }

    func write() { table.write() }
}

extension CSVTable {
    /// The column of a feature, of the kind that it has in its profile.
    func column(like feature: FeatureProfile) throws -> DriftColumn {
        switch feature.content {
        case .numeric where feature.count == 0: try column(feature.name)
        case .numeric: try numbers(feature.name)
        case .categorical: try categories(feature.name)
        }
    }
}
