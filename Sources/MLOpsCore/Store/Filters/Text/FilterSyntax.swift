/// A filter as it was written, without the meaning of its fields.
indirect enum FilterSyntax: Sendable {
    case all([FilterSyntax])
    case any([FilterSyntax])
    case not(FilterSyntax)
    case test(FilterField, FilterTest)
}

/// A field, such as `metrics.loss.min`.
struct FilterField: Sendable {
    struct Part: Sendable {
        var text: String
        /// A quoted part is a name, whatever it spells.
        var isQuoted: Bool
    }

    var parts: [Part]
    /// Where it begins, in characters from 1.
    var position: Int

    /// The first part, which says what kind of field it is, in small letters.
    var root: String { parts[0].isQuoted ? "" : parts[0].text.lowercased() }
    /// The parts after the first.
    var names: [String] { parts.dropFirst().map(\.text) }
    /// The field as it was written, for messages.
    var text: String {
        parts.map { $0.isQuoted ? "\"\($0.text)\"" : $0.text }.joined(separator: ".")
    }
}

/// What is asked of a field.
enum FilterTest: Sendable {
    case compare(Comparison, FilterLiteral)
    case among([FilterLiteral])
    case like(FilterLiteral)
    case contains(FilterLiteral)
    case isNull

    /// The test as it is called in messages.
    var name: String {
        switch self {
        case .compare(.notEqual, _): "!="
        case .compare(let comparison, _): comparison.rawValue
        case .among: "in"
        case .like: "like"
        case .contains: "contains"
        case .isNull: "is null"
        }
    }
}

/// A value of a filter.
struct FilterLiteral: Sendable {
    /// The value as it was written, without quotes.
    var text: String
    var isQuoted: Bool
    /// Where it begins, in characters from 1.
    var position: Int

    /// The number that the text spells.
    var number: JSONValue? {
        // `Double` also reads hexadecimal digits and words such as `nan`.
        let signs = "+-.eE"
        guard text.utf8.count <= 400,
            text.unicodeScalars.allSatisfy({
                ("0"..."9").contains($0) || signs.unicodeScalars.contains($0)
            })
        else { return nil }
        if let integer = Int64(text) { return .int(integer) }
        guard let number = Double(text), number.isFinite else { return nil }
        return .double(number)
    }

    /// The truth value that the text spells.
    var bool: Bool? {
        switch text.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }
}

extension StoreError {
    /// An error of a filter's text, at a character.
    static func filter(at position: Int, _ problem: String) -> StoreError {
        StoreError(
            .invalidValue, "At character \(position) of the filter: \(problem)", field: "filter")
    }
}
