import MLOpsCore

/// The parts of a filter or an order of MLflow.
enum MLflowWord: Hashable {
    /// An unquoted word, such as `metrics.loss`, `LIKE` or `12.5`.
    case word(String)
    /// A key in backticks or double quotes, behind its entity: ``tags.`a b` ``.
    case key(entity: String, String)
    /// A text in quotes.
    case text(String)
    case sign(String)

    /// As it was written, more or less.
    var description: String {
        switch self {
        case .word(let word): word
        case .key(let entity, let key): "\(entity).`\(key)`"
        case .text(let text): "'\(text)'"
        case .sign(let sign): sign
        }
    }

    /// The field that it names: what is before the dot, empty without one, and the key.
    var field: (entity: String, key: String)? {
        switch self {
        case .key(let entity, let key): return (entity, key)
        case .word(let word):
            let parts = word.split(separator: ".", maxSplits: 1).map(String.init)
            return parts.count == 2 ? (parts[0], parts[1]) : ("", word)
        default: return nil
        }
    }

    /// Whether it is this word, in any case.
    func isWord(_ word: String) -> Bool {
        if case .word(let own) = self { own.uppercased() == word } else { false }
    }
}

/// Splits the text of a filter or an order of MLflow.
struct MLflowScanner {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    /// - Throws: `MLflowError` for a quote without an end.
    static func words(_ text: String) throws -> [MLflowWord] {
        var scanner = MLflowScanner(text)
        var words: [MLflowWord] = []
        while let word = try scanner.next() { words.append(word) }
        return words
    }

    private mutating func next() throws -> MLflowWord? {
        rest = rest.drop { $0.isWhitespace }
        guard let first = rest.first else { return nil }
        switch first {
        case "'", "\"": return .text(try quoted())
        case "(", ")", ",":
            rest.removeFirst()
            return .sign(String(first))
        case "=", "!", "<", ">":
            let sign = rest.prefix(while: { "=!<>".contains($0) }).prefix(2)
            rest.removeFirst(sign.count)
            return .sign(String(sign))
        default: break
        }
        let word = rest.prefix { !$0.isWhitespace && !"=!<>(),'\"`".contains($0) }
        rest.removeFirst(word.count)
        if word.hasSuffix("."), let quote = rest.first, quote == "`" || quote == "\"" {
            return .key(entity: String(word.dropLast()), try quoted())
        }
        if word.isEmpty { return .key(entity: "", try quoted()) }
        return .word(String(word))
    }

    private mutating func quoted() throws -> String {
        let quote = rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else {
            throw MLflowError.invalid("Invalid filter: a quote \(quote) has no end.")
        }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[..<end])
    }
}

/// One comparison of a filter: they are joined by `and`.
struct MLflowComparison {
    enum Sign: String {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case like = "LIKE"
        case ilike = "ILIKE"
        case among = "IN"
        case notAmong = "NOT IN"
        case isNull = "IS NULL"
        case isNotNull = "IS NOT NULL"
    }

    enum Operand {
        case none
        case number(Double, String)
        case text(String)
        case texts([String])

        var description: String {
            switch self {
            case .none: ""
            case .number(_, let text): text
            case .text(let text): "'\(text)'"
            case .texts(let texts): "(\(texts.map { "'\($0)'" }.joined(separator: ", ")))"
            }
        }
    }

    /// What is before the dot; empty without one.
    let entity: String
    let key: String
    let sign: Sign
    let operand: Operand

    /// The comparisons of a filter.
    ///
    /// - Throws: `MLflowError` that names the clause.
    static func parse(_ text: String) throws -> [MLflowComparison] {
        var words = try MLflowScanner.words(text)[...]
        var comparisons: [MLflowComparison] = []
        while !words.isEmpty {
            if !comparisons.isEmpty {
                guard let joint = words.popFirst(), joint.isWord("AND") else {
                    throw invalid(words.isEmpty ? text : or(in: text))
                }
            }
            comparisons.append(try next(&words, of: text))
        }
        return comparisons
    }

    /// What the message of MLflow calls the clause: the word `or` where it is the cause.
    private static func or(in text: String) -> String {
        text.lowercased().contains(" or ") ? "or" : text
    }

    private static func invalid(_ clause: String) -> MLflowError {
        .invalid("Invalid clause(s) in filter string: '\(clause)'")
    }

    private static func next(
        _ words: inout ArraySlice<MLflowWord>, of text: String
    ) throws -> MLflowComparison {
        guard let (entity, key) = words.popFirst()?.field else { throw invalid(text) }
        let sign = try sign(&words, of: text)
        let operand = try operand(&words, of: sign, text)
        return MLflowComparison(entity: entity, key: key, sign: sign, operand: operand)
    }

    private static func sign(
        _ words: inout ArraySlice<MLflowWord>, of text: String
    ) throws -> Sign {
        guard let first = words.popFirst() else { throw invalid(text) }
        switch first {
        case .sign(let text):
            if let sign = Sign(rawValue: text == "<>" ? "!=" : text) { return sign }
        case .word(let word):
            let word = word.uppercased()
            if word == "NOT", words.first?.isWord("IN") == true {
                words.removeFirst()
                return .notAmong
            }
            if word == "IS" {
                let isNegated = words.first?.isWord("NOT") == true
                if isNegated { words.removeFirst() }
                if words.popFirst()?.isWord("NULL") == true {
                    return isNegated ? .isNotNull : .isNull
                }
            } else if let sign = Sign(rawValue: word) {
                return sign
            }
        default: break
        }
        throw invalid(text)
    }

    private static func operand(
        _ words: inout ArraySlice<MLflowWord>, of sign: Sign, _ text: String
    ) throws -> Operand {
        switch sign {
        case .isNull, .isNotNull: return .none
        case .among, .notAmong:
            guard words.popFirst() == .sign("(") else { throw invalid(text) }
            var texts: [String] = []
            while let word = words.popFirst() {
                switch word {
                case .text(let text): texts.append(text)
                case .sign(","): continue
                case .sign(")") where !texts.isEmpty: return .texts(texts)
                default: throw invalid(text)
                }
            }
            throw invalid(text)
        default: break
        }
        switch words.popFirst() {
        case .text(let text): return .text(text)
        case .word(let word):
            guard let number = Double(word) else { throw invalid(text) }
            return .number(number, word)
        default: throw invalid(text)
        }
    }
}
