extension Condition {
    /// The condition as SQL in a dialect.
    ///
    /// The SQL may yield NULL where the condition is false.
    ///
    /// - Throws: `.invalidValue` for more than 1,000 comparisons, or for more than 16 nested levels
    ///   of AND, OR and NOT: SQLite's parser holds 100 open terms, and a level takes up to seven.
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
            // SQLite evaluates the terms in the order in which they are written.
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
            // SQLite finds nothing then, PostgreSQL fails.
            guard
                pattern.utf8.reversed().prefix(while: { $0 == UInt8(ascii: "\\") })
                    .count.isMultiple(of: 2)
            else {
                throw StoreError(
                    .invalidValue,
                    "A pattern ends with a backslash, which escapes what follows; write two for "
                        + "the character itself.")
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

    /// The relative cost of evaluating the condition.
    ///
    /// A column is read directly; a JSON document has to be parsed. Equality with a string costs
    /// less, because a search for its text rules most documents out.
    private var cost: Int {
        switch self {
        case .compare, .among, .like, .text: 0
        case .comparePath(_, _, .equal, .string): 1
        case .comparePath, .existsPath, .containsElement: 2
        case .not(let inner): inner.cost
        case .all(let parts), .any(let parts): parts.map(\.cost).max() ?? 0
        }
    }

    /// The exclusive upper bound of the texts with a prefix, in the order of code points.
    ///
    /// `nil` when there is none.
    private static func end(ofPrefix prefix: String) -> String? {
        var scalars = prefix.unicodeScalars
        while let last = scalars.popLast() {
            // U+D800 to U+DFFF are not characters, and U+10FFFF has no successor.
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
        // SQLite parses a chain of n terms n levels deep, and allows 1,000 levels in all.
        let terms = try parts.map { try $0.sql(dialect, level: level + 1) }
        let groups = stride(from: 0, to: terms.count, by: 32).map { start -> Fragment in
            let group = Array(terms[start..<min(start + 32, terms.count)])
            return "(\(Fragment(joining: group, separator: separator)))"
        }
        return groups.count == 1
            ? groups[0] : "(\(Fragment(joining: groups, separator: separator)))"
    }

    /// Compares null and non-finite numbers one by one: a dialect's list need not support them.
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
