extension Condition {
    /// The condition as SQL of a dialect.
    ///
    /// It may be NULL where it means false.
    ///
    /// - Throws: `.invalidValue` for more than 1,000 comparisons, and for more than 16 levels of
    ///   and, or and not inside one another: SQLite's parser holds 100 open terms, and a level
    ///   takes up to seven.
    func sql(_ dialect: any Dialect, level: Int = 0) throws -> Fragment {
        guard level <= 16 else {
            throw StoreError(
                .invalidValue, "A filter nests and, or and not more than 16 levels deep.")
        }
        guard level > 0 || size <= 1000 else {
            throw StoreError(
                .invalidValue,
                "A filter has \(size) comparisons, more than 1,000; use `isIn` for many values.")
        }
        switch self {
        case .all(let parts):
            // SQLite checks them in their order.
            let cheapestFirst = parts.sorted { $0.cost < $1.cost }
            return try Self.join(cheapestFirst, " AND ", dialect, level)
        case .any(let parts): return try Self.join(parts, " OR ", dialect, level)
        case .not(let inner):
            return "NOT coalesce(\(try inner.sql(dialect, level: level + 1)), FALSE)"
        case .compare(let column, let comparison, let value):
            return Self.compare(column, comparison, try value.get(), dialect)
        case .among(let column, let values):
            return try Self.among(column, try values.get(), dialect)
        case .like(let column, let pattern):
            guard pattern.utf8.count <= 10_000 else {
                throw StoreError(.invalidValue, "A pattern is longer than 10,000 bytes.")
            }
            return dialect.like(column, pattern)
        case .text(let column, .substring, let text):
            return text.isEmpty ? "\(raw: column) IS NOT NULL" : dialect.contains(column, text)
        case .text(let column, .prefix, let text):
            // A range rather than a pattern, so that an index serves it.
            let start: Fragment = "\(raw: column) >= \(text)"
            guard let end = Self.end(ofPrefix: text) else { return start }
            return "(\(start) AND \(raw: column) < \(end))"
        case .comparePath(let column, let path, .notEqual, let value):
            let equal = try dialect.compare(column, path, .equal, value)
            return "NOT coalesce(\(equal), FALSE)"
        case .comparePath(let column, let path, let comparison, let value):
            return try dialect.compare(column, path, comparison, value)
        case .existsPath(let column, let path): return dialect.exists(column, path)
        case .containsElement(let column, let element):
            return dialect.hasElement(column, element)
        }
    }

    /// How much work it is to check it: a column is at hand, a document has to be read, unless
    /// it does not have the text.
    private var cost: Int {
        switch self {
        case .compare, .among, .like, .text: 0
        case .comparePath(_, _, .equal, .string): 1
        case .comparePath, .existsPath, .containsElement: 2
        case .not(let inner): inner.cost
        case .all(let parts), .any(let parts): parts.map(\.cost).max() ?? 0
        }
    }

    /// The first text, in the order of code points, that comes after all that start so; `nil` when
    /// there is none.
    private static func end(ofPrefix prefix: String) -> String? {
        var scalars = prefix.unicodeScalars
        while let last = scalars.popLast() {
            // What follows U+D7FF is no character before U+E000, and U+10FFFF is the last.
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            guard let next = Unicode.Scalar(next) else { continue }
            scalars.append(next)
            return String(scalars)
        }
        return nil
    }

    private static func join(
        _ parts: [Condition], _ separator: String, _ dialect: any Dialect, _ level: Int
    ) throws -> Fragment {
        // A chain is as deep an expression as it is long, and SQLite takes a depth of 1,000 in all.
        let terms = try parts.map { try $0.sql(dialect, level: level + 1) }
        let groups = stride(from: 0, to: terms.count, by: 32).map { start -> Fragment in
            let group = Array(terms[start..<min(start + 32, terms.count)])
            return "(\(Fragment(joining: group, separator: separator)))"
        }
        return groups.count == 1
            ? groups[0] : "(\(Fragment(joining: groups, separator: separator)))"
    }

    /// Null and the infinities are compared one by one: no list of a dialect holds them.
    private static func among(
        _ column: String, _ values: [StoredValue], _ dialect: any Dialect
    ) throws -> Fragment {
        var listed: [StoredValue] = []
        var parts: [Fragment] = []
        for value in values {
            switch value {
            case .null: parts.append(compare(column, .equal, value, dialect))
            case .real(let number) where !number.isFinite:
                parts.append(compare(column, .equal, value, dialect))
            default: listed.append(value)
            }
        }
        if !listed.isEmpty { parts.append(try dialect.among(column, listed)) }
        if parts.isEmpty { return "FALSE" }
        return "(\(Fragment(joining: parts, separator: " OR ")))"
    }

    private static func compare(
        _ column: String, _ comparison: Comparison, _ value: StoredValue, _ dialect: any Dialect
    ) -> Fragment {
        switch (value, comparison) {
        case (.null, .equal): return "\(raw: column) IS NULL"
        case (.null, .notEqual): return "\(raw: column) IS NOT NULL"
        case (.null, _): return "FALSE"
        // NaN is equal to nothing, in Swift as in IEEE 754.
        case (.real(let number), .notEqual) where number.isNaN: return "TRUE"
        case (.real(let number), _) where number.isNaN: return "FALSE"
        default:
            var left: Fragment = "\(raw: column)"
            if case .real = value { left = dialect.ordered(column, .real) }
            let holds: Fragment = "\(left) \(raw: comparison.rawValue) \(stored: value)"
            return comparison == .notEqual ? "(\(holds) OR \(left) IS NULL)" : holds
        }
    }
}
