/// Reads the words, names and values of a filter's text.
struct FilterScanner {
    /// The longest text, in characters.
    static let maximumLength = 10_000

    private let characters: [Character]
    private var index = 0

    /// - Throws: `.invalidValue` for a text that is too long.
    init(_ text: String) throws {
        guard text.utf8.count <= 4 * Self.maximumLength else { throw Self.tooLong }
        characters = Array(text)
        guard characters.count <= Self.maximumLength else { throw Self.tooLong }
        skipSpace()
    }

    private static let tooLong = StoreError(
        .invalidValue, "A filter is longer than \(maximumLength) characters.", field: "filter")

    /// The place of the next character, from 1.
    var position: Int { index + 1 }
    var isAtEnd: Bool { index == characters.count }
    private var current: Character? { isAtEnd ? nil : characters[index] }
    private func character(after count: Int) -> Character? {
        characters.indices.contains(index + count) ? characters[index + count] : nil
    }

    private mutating func skipSpace() {
        while let current, current.isWhitespace { index += 1 }
    }

    /// What stands at the place, for a message.
    var found: String {
        guard let current else { return "the end" }
        var text = ""
        if Self.isPartOfWord(current) {
            for character in characters[index...].prefix(while: Self.isPartOfWord).prefix(40) {
                text.append(character)
            }
        } else {
            text.append(current)
        }
        return "\"\(text)\""
    }

    func error(expecting expected: String) -> StoreError {
        .filter(at: position, "expected \(expected), found \(found).")
    }

    private static func isPartOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-/:@%+".contains(character)
    }

    // MARK: Words and signs

    /// The length of the next word; 0 without one.
    private var wordLength: Int {
        guard let current, current.isLetter || current == "_" else { return 0 }
        return characters[index...].prefix(while: Self.isPartOfWord).count
    }

    /// Takes a keyword, in any case.
    mutating func take(word: String) -> Bool {
        guard wordLength == word.count,
            String(characters[index..<index + word.count]).lowercased() == word
        else { return false }
        index += word.count
        skipSpace()
        return true
    }

    /// Takes a sign, such as `(`.
    mutating func take(sign: String) -> Bool {
        let sign = Array(sign)
        guard characters[index...].starts(with: sign) else { return false }
        index += sign.count
        skipSpace()
        return true
    }

    /// Takes a comparison operator, if there is one.
    mutating func takeComparison() -> Comparison? {
        let signs: [(String, Comparison)] = [
            ("==", .equal), ("!=", .notEqual), ("<>", .notEqual), ("<=", .lessOrEqual),
            (">=", .greaterOrEqual), ("=", .equal), ("<", .less), (">", .greater),
        ]
        for (sign, comparison) in signs where take(sign: sign) { return comparison }
        return nil
    }

    // MARK: Fields and values

    /// Takes a field: parts that dots separate, without space between them.
    mutating func field() throws -> FilterField {
        let start = position
        var parts = [try part(isFirst: true)]
        while current == "." {
            index += 1
            parts.append(try part(isFirst: false))
        }
        skipSpace()
        return FilterField(parts: parts, position: start)
    }

    private mutating func part(isFirst: Bool) throws -> FilterField.Part {
        if let current, "\"'`".contains(current), !isFirst {
            return FilterField.Part(text: try quoted(), isQuoted: true)
        }
        let length =
            isFirst ? wordLength : characters[index...].prefix(while: Self.isPartOfWord).count
        guard length > 0, !isFirst || !isKeyword(length) else {
            throw error(
                expecting: isFirst ? "a field, such as metrics.loss" : "a name after the dot")
        }
        defer { index += length }
        return FilterField.Part(
            text: String(characters[index..<index + length]), isQuoted: false)
    }

    private func isKeyword(_ length: Int) -> Bool {
        let keywords = ["and", "or", "not", "in", "is", "like", "ilike", "contains"]
        return keywords.contains(String(characters[index..<index + length]).lowercased())
    }

    /// Takes a value: a quoted text, a number, a time or a word.
    mutating func literal() throws -> FilterLiteral {
        let start = position
        defer { skipSpace() }
        if let current, current == "\"" || current == "'" {
            return FilterLiteral(text: try quoted(), isQuoted: true, position: start)
        }
        let word = characters[index...].prefix { Self.isPartOfWord($0) || $0 == "." }
        guard !word.isEmpty, !isKeyword(word.count) else { throw error(expecting: "a value") }
        guard String(word).lowercased() != "null" else {
            throw StoreError.filter(
                at: start, "nothing compares with null; write `is null` or `is not null`.")
        }
        index += word.count
        return FilterLiteral(text: String(word), isQuoted: false, position: start)
    }

    /// Takes a quoted text, in which the quote is written twice or after a backslash.
    private mutating func quoted() throws -> String {
        let (start, quote) = (position, characters[index])
        var text = ""
        index += 1
        while let character = current {
            index += 1
            if character == "\\", let next = current, next == quote || next == "\\" {
                text.append(next)
                index += 1
            } else if character == quote {
                guard current == quote else { return text }
                text.append(quote)
                index += 1
            } else {
                text.append(character)
            }
        }
        throw StoreError.filter(at: start, "the text that begins here has no closing \(quote).")
    }
}
