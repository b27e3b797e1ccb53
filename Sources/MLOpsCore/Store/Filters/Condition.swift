/// A condition without the entity it is about, as the SQL engine reads it.
package indirect enum Condition: Sendable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case compare(column: String, Comparison, Result<StoredValue, StoreError>)
    case among(column: String, Result<[StoredValue], StoreError>)
    case like(column: String, pattern: String)
    case text(column: String, TextMatch, String)
    case comparePath(JSONPlace, Comparison, Result<JSONValue, StoreError>)
    case amongPath(JSONPlace, [String])
    case likePath(JSONPlace, pattern: String)
    case textPath(JSONPlace, TextMatch, String)
    case existsPath(JSONPlace)
    case hasElement(JSONPlace, Result<JSONValue, StoreError>)
    case containsElement(column: String, String)
    /// The row that a foreign key leads to is live and visible, and the condition holds for it.
    case related(column: String, any Entity.Type, Condition)
    /// A condition that cannot be asked for: the query throws the error.
    case refused(StoreError)

    /// How many comparisons it holds.
    var size: Int {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.size }
        case .not(let inner), .related(_, _, let inner): inner.size
        default: 1
        }
    }

    /// Whether it pins one of these columns (`=` or `IN`).
    func fixes(_ columns: [String]) -> Bool {
        conjuncts.contains { part in
            switch part {
            case .compare(let column, .equal, _), .among(let column, _): columns.contains(column)
            default: false
            }
        }
    }

    /// Whether it pins the column to one value (`=`).
    func equates(_ column: String) -> Bool {
        conjuncts.contains { part in
            if case .compare(column, .equal, _) = part { true } else { false }
        }
    }

    /// The parts of a conjunction: a long chain stays flat, since databases limit nesting.
    var conjuncts: [Condition] { if case .all(let parts) = self { parts } else { [self] } }

    /// The parts of a disjunction.
    var disjuncts: [Condition] { if case .any(let parts) = self { parts } else { [self] } }

    /// The opposite; two negations cancel each other, so that a chain of them stays flat.
    var negated: Condition { if case .not(let inner) = self { inner } else { .not(self) } }
}

/// The comparison of a column or a JSON path with a value.
package enum Comparison: String, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// Where a string has to stand in a text; case matters.
package enum TextMatch: Sendable { case prefix, substring }

/// A place inside the documents of a column.
package struct JSONPlace: Sendable, Hashable {
    /// One step of the way to the place.
    package enum Key: Sendable, Hashable {
        /// The member of an object.
        case name(String)
        /// The element of an array, from 0.
        case index(Int)

        package var text: String {
            switch self {
            case .name(let name): name
            case .index(let index): "\(index)"
            }
        }
    }

    package let column: String
    package var keys: [Key]

    /// A single name with a dot, which is more likely to be meant as a path.
    package var dotted: String?

    package init(_ column: String, _ keys: [Key], dotted: String? = nil) {
        self.column = column
        self.keys = keys
        self.dotted = dotted
    }

    package init(_ column: String, names: [String]) {
        self.init(column, names.map { .name($0.asName) })
    }

    /// The place, unless it is not the one that was meant.
    ///
    /// - Throws: `.invalidValue` that shows the other ways to write it.
    func checked() throws -> JSONPlace {
        guard let dotted else { return self }
        let path = dotted.split(separator: ".", omittingEmptySubsequences: false)
            .map { "\"\($0)\"" }.joined(separator: ", ")
        throw StoreError(
            .invalidValue,
            "A dot does not lead into \(column): write \(column)[\(path)] for the value inside, "
                + "or \(column)[key: \"\(dotted)\"] for a key that holds a dot.",
            field: column)
    }
}
