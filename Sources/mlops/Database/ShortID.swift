import MLOpsCore

/// Ids as people type them: complete, or at least four characters of either end.
///
/// Ids made at the same time share their first characters, so tables show the last ones.
enum ShortID {
    private static let minimumLength = 4
    private static let shownLength = 8

    /// What tables show of an id.
    static func text<Record>(_ id: Identifier<Record>) -> String {
        String(id.description.suffix(shownLength))
    }

    /// Whether a text can be a part of an id.
    static func isPart(_ text: String) -> Bool {
        text.count >= minimumLength && text.count <= 36
            && text.allSatisfy { $0 == "-" || $0.isHexDigit && $0.isASCII }
    }

    /// The row of a query that an id or a part of it names, or `nil`.
    ///
    /// - Throws: `Failure` when several have the part; `.notFound` for a whole id of no row.
    static func find<Record: NamedRecord>(
        _ part: String, of type: Record.Type, in tx: any Transaction, _ rows: Query<Record>
    ) throws -> Record? {
        let repository = try tx.repository(of: type)
        if let id = Identifier<Record>(part) {
            if rows.filter == nil, rows.deleted == .excluded { return try repository.find(id) }
            return try repository.page(rows.filtered { $0.id == id }).first
        }
        guard isPart(part) else { return nil }
        var query = rows.filtered { $0.id.hasEnd(part) }
        query.limit = Failure.namesShown + 1
        let found = try repository.page(query).records
        guard found.count < 2 else {
            throw try Failure.ambiguous(
                "\(part) is part of the ids of several \(Record.noun)s", found, tx)
        }
        return found.first
    }
}
