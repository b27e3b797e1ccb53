/// Writes conditions as SQL.
struct ConditionSQL {
    let dialect: any Dialect
    /// The rows that a foreign key may lead to.
    let parents: (any Entity.Type) throws -> ParentRows

    /// The rows of a table that a condition on related rows may look at.
    struct ParentRows {
        let table: String
        let condition: Fragment
        /// Whether the organization has to be compared too, since they are those of several.
        let spansOrganizations: Bool
    }

    /// A condition as SQL, which may yield NULL where the condition is false.
    ///
    /// - Throws: `.invalidValue` for more than 1,000 comparisons, or for more than 16 nested levels
    ///   of AND, OR and NOT: SQLite's parser holds 100 open terms, and a level takes up to seven.
    func sql(_ condition: Condition, level: Int = 0) throws -> Fragment {
        guard level <= 16 else {
            throw StoreError(
                .invalidValue, "A filter nests and, or and not more than 16 levels deep.")
        }
        guard level > 0 || condition.size <= 1000 else {
            throw StoreError(
                .invalidValue,
                "A filter has \(condition.size) comparisons, more than 1,000; use `isIn` for "
                    + "many values.")
        }
        switch condition {
        case .all(let parts):
            // SQLite evaluates the terms in the order in which they are written.
            return try join(parts.sorted { $0.cost < $1.cost }, " AND ", level)
        case .any(let parts): return try join(parts, " OR ", level)
        case .not(let inner):
            return "NOT coalesce(\(try sql(inner, level: level + 1)), FALSE)"
        case .compare(let column, let comparison, let value):
            return compare(column, comparison, try value.get())
        case .among(let column, let values): return try among(column, try values.get())
        case .like(let column, let pattern):
            return dialect.like("\(raw: column)", try Self.checked(pattern))
        case .text(let column, let match, let text):
            return self.text("\(raw: column)", match, text)
        case .comparePath(let place, .notEqual, let value):
            let equal = try dialect.compare(try place.checked(), .equal, try value.get())
            return "NOT coalesce(\(equal), FALSE)"
        case .comparePath(let place, let comparison, let value):
            return try dialect.compare(try place.checked(), comparison, try value.get())
        case .amongPath(let place, let texts):
            return try dialect.among(
                dialect.string(try place.checked()), try texts.map { try $0.storedValue() })
        case .likePath(let place, let pattern):
            return dialect.like(dialect.string(try place.checked()), try Self.checked(pattern))
        case .textPath(let place, let match, let text):
            return self.text(dialect.string(try place.checked()), match, text)
        case .existsPath(let place): return dialect.exists(try place.checked())
        case .hasElement(let place, let element):
            return try dialect.hasElement(try place.checked(), try element.get())
        case .containsElement(let column, let element):
            return dialect.hasElement(column, element)
        case .related(let column, let entity, let inner):
            return try related(column, try parents(entity), inner, level)
        case .refused(let error): throw error
        }
    }

    private func related(
        _ column: String, _ parents: ParentRows, _ inner: Condition, _ level: Int
    ) throws -> Fragment {
        let condition = try sql(inner, level: level + 1)
        let rows: Fragment =
            "FROM \(raw: parents.table) WHERE \(parents.condition) AND \(condition)"
        guard parents.spansOrganizations else {
            return "\(raw: column) IN (SELECT id \(rows))"
        }
        return "(organization_id, \(raw: column)) IN (SELECT organization_id, id \(rows))"
    }

    /// A pattern that both databases understand.
    private static func checked(_ pattern: String) throws -> String {
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
        return pattern
    }

    private func text(_ place: Fragment, _ match: TextMatch, _ text: String) -> Fragment {
        guard match == .prefix else {
            return text.isEmpty ? "\(place) IS NOT NULL" : dialect.contains(place, text)
        }
        // A range rather than a pattern, so that an index serves it.
        let start: Fragment = "\(place) >= \(text)"
        guard let end = Self.end(ofPrefix: text) else { return start }
        return "(\(start) AND \(place) < \(end))"
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

    private func join(
        _ parts: [Condition], _ separator: String, _ level: Int
    ) throws -> Fragment {
        if parts.isEmpty { return separator == " OR " ? "FALSE" : "TRUE" }
        // SQLite parses a chain of n terms n levels deep, and allows 1,000 levels in all.
        let terms = try parts.map { try sql($0, level: level + 1) }
        let groups = stride(from: 0, to: terms.count, by: 32).map { start -> Fragment in
            let group = Array(terms[start..<min(start + 32, terms.count)])
            return "(\(Fragment(joining: group, separator: separator)))"
        }
        return groups.count == 1
            ? groups[0] : "(\(Fragment(joining: groups, separator: separator)))"
    }

    /// Compares null and non-finite numbers one by one: a dialect's list need not support them.
    private func among(_ column: String, _ values: [StoredValue]) throws -> Fragment {
        var listed: [StoredValue] = []
        var parts: [Fragment] = []
        for value in values {
            switch value {
            case .null: parts.append(compare(column, .equal, value))
            case .real(let number) where !number.isFinite:
                parts.append(compare(column, .equal, value))
            default: listed.append(value)
            }
        }
        if !listed.isEmpty { parts.append(try dialect.among("\(raw: column)", listed)) }
        if parts.isEmpty { return "FALSE" }
        return "(\(Fragment(joining: parts, separator: " OR ")))"
    }

    private func compare(
        _ column: String, _ comparison: Comparison, _ value: StoredValue
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

extension Condition {
    /// The relative cost of evaluating the condition.
    ///
    /// A column is read directly; a JSON document has to be parsed. Equality with a string costs
    /// less, because a search for its text rules most documents out.
    fileprivate var cost: Int {
        switch self {
        case .compare, .among, .like, .text, .related, .refused: 0
        case .comparePath(_, .equal, .success(.string)): 1
        case .comparePath, .amongPath, .likePath, .textPath, .existsPath, .hasElement,
            .containsElement:
            2
        case .not(let inner): inner.cost
        case .all(let parts), .any(let parts): parts.map(\.cost).max() ?? 0
        }
    }
}
