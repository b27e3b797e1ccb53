/// Parses the text of a filter; see ``Filter/init(parsing:now:)`` for the grammar.
struct FilterParser {
    /// The deepest nesting of parentheses and `not`.
    static let maximumDepth = 16

    private var scanner: FilterScanner
    private var depth = 0

    /// - Throws: `.invalidValue` for a text that is too long.
    init(_ text: String) throws { scanner = try FilterScanner(text) }

    /// The whole text as one filter.
    ///
    /// - Throws: `.invalidValue` with the place of the first mistake, and what was expected there.
    mutating func filter() throws -> FilterSyntax {
        let filter = try disjunction()
        guard scanner.isAtEnd else { throw scanner.error(expecting: "`and`, `or` or the end") }
        return filter
    }

    private mutating func disjunction() throws -> FilterSyntax {
        var parts = [try conjunction()]
        while scanner.take(word: "or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws -> FilterSyntax {
        var parts = [try negation()]
        while scanner.take(word: "and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws -> FilterSyntax {
        let position = scanner.position
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw StoreError.filter(
                at: position, "parentheses and `not` nest more than \(Self.maximumDepth) deep.")
        }
        if scanner.take(word: "not") { return .not(try negation()) }
        guard scanner.take(sign: "(") else { return try test() }
        let inner = try disjunction()
        guard scanner.take(sign: ")") else {
            throw scanner.error(expecting: "`and`, `or` or a closing parenthesis")
        }
        return inner
    }

    private mutating func test() throws -> FilterSyntax {
        let field = try scanner.field()
        if let comparison = scanner.takeComparison() {
            return .test(field, .compare(comparison, try scanner.literal()))
        }
        if scanner.take(word: "is") {
            let isNegated = scanner.take(word: "not")
            guard scanner.take(word: "null") else { throw scanner.error(expecting: "`null`") }
            return Self.test(field, .isNull, isNegated: isNegated)
        }
        let isNegated = scanner.take(word: "not")
        if scanner.take(word: "in") {
            return Self.test(field, .among(try list()), isNegated: isNegated)
        }
        if scanner.take(word: "like") || scanner.take(word: "ilike") {
            return Self.test(field, .like(try scanner.literal()), isNegated: isNegated)
        }
        if scanner.take(word: "contains") {
            return Self.test(field, .contains(try scanner.literal()), isNegated: isNegated)
        }
        throw scanner.error(
            expecting: isNegated
                ? "`in`, `like` or `contains`"
                : "an operator: = != < <= > >= in like contains `is null`")
    }

    private static func test(
        _ field: FilterField, _ test: FilterTest, isNegated: Bool
    ) -> FilterSyntax {
        isNegated ? .not(.test(field, test)) : .test(field, test)
    }

    private mutating func list() throws -> [FilterLiteral] {
        guard scanner.take(sign: "(") else {
            throw scanner.error(expecting: "a list in parentheses")
        }
        var values = [try scanner.literal()]
        while scanner.take(sign: ",") { values.append(try scanner.literal()) }
        guard scanner.take(sign: ")") else {
            throw scanner.error(expecting: "a comma or a closing parenthesis")
        }
        return values
    }

    // MARK: Orders

    /// The whole text as a list of fields, each with whether it descends.
    ///
    /// - Throws: `.invalidValue` with the place of the first mistake, and what was expected there.
    mutating func order() throws -> [(field: FilterField, descends: Bool)] {
        var keys: [(field: FilterField, descends: Bool)] = []
        repeat {
            let field = try scanner.field()
            let descends = scanner.take(word: "desc") || scanner.take(word: "descending")
            if !descends { _ = scanner.take(word: "asc") || scanner.take(word: "ascending") }
            keys.append((field, descends))
        } while scanner.take(sign: ",")
        guard scanner.isAtEnd else {
            throw scanner.error(expecting: "`asc`, `desc`, a comma or the end")
        }
        return keys
    }
}
