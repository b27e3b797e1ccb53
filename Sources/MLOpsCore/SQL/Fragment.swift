/// SQL text and the values bound to it, kept together and never mixed.
///
/// ```swift
/// "name = \(name) AND id IN (\(subquery))"
/// ```
/// An interpolated value becomes a parameter; a fragment nests; only `\(raw:)` splices text.
package struct Fragment: Sendable {
    /// The pieces of text; a value stands between each two.
    private(set) var pieces: [String]
    package private(set) var values: [StoredValue]
    /// The first value that no backend can keep; thrown when the statement runs.
    private(set) var failure: StoreError?

    package init(raw text: String) {
        pieces = [text]
        values = []
    }

    /// The parts one after another, with the separator between them.
    package init(joining parts: [Fragment], separator: String) {
        self.init(raw: "")
        for (index, part) in parts.enumerated() {
            if index > 0 { append(raw: separator) }
            append(part)
        }
    }

    /// Whether there is neither text nor value.
    package var isEmpty: Bool { pieces == [""] }

    package mutating func append(raw text: String) { pieces[pieces.count - 1] += text }

    package mutating func append(value: StoredValue) {
        values.append(value)
        pieces.append("")
    }

    package mutating func append(_ other: Fragment) {
        append(raw: other.pieces[0])
        pieces.append(contentsOf: other.pieces.dropFirst())
        values.append(contentsOf: other.values)
        failure = failure ?? other.failure
    }

    package mutating func append(_ result: Result<StoredValue, StoreError>) {
        switch result {
        case .success(let value): append(value: value)
        case .failure(let error):
            failure = failure ?? error
            append(value: .null)
        }
    }

    package static func + (left: Fragment, right: Fragment) -> Fragment {
        var result = left
        result.append(right)
        return result
    }

    /// The text with the dialect's placeholders, numbered from 1.
    ///
    /// - Throws: `.invalidValue` when a value of the fragment cannot be stored.
    package func text(placeholder: (Int) -> String) throws -> String {
        if let failure { throw failure }
        var text = pieces[0]
        for index in 1..<pieces.count {
            text += placeholder(index)
            text += pieces[index]
        }
        return text
    }
}

extension Fragment: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(raw: value) }
    package init(stringInterpolation: Interpolation) { self = stringInterpolation.fragment }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var fragment = Fragment(raw: "")

        package init(literalCapacity: Int, interpolationCount: Int) {}
        package mutating func appendLiteral(_ literal: String) { fragment.append(raw: literal) }
        package mutating func appendInterpolation(raw text: String) { fragment.append(raw: text) }
        package mutating func appendInterpolation(_ other: Fragment) { fragment.append(other) }
        package mutating func appendInterpolation(stored value: StoredValue) {
            fragment.append(value: value)
        }
        package mutating func appendInterpolation(_ value: some ColumnValue) {
            fragment.append(Result { try value.storedValue() })
        }
        // Without this one the compiler takes an optional for text to be printed, and warns.
        package mutating func appendInterpolation(_ value: (some ColumnValue)?) {
            fragment.append(Result { try value.storedValue() })
        }
    }
}
