/// SQL text and the values bound to it, kept together and never mixed.
///
/// ```swift
/// "name = \(name) AND id IN (\(subquery))"
/// ```
/// An interpolated value becomes a parameter; a fragment nests; only `\(raw:)` splices text.
package struct Fragment: Sendable {
    /// The text, with a question mark for each value.
    private var marked: String
    /// Where the question marks stand, in bytes of UTF-8.
    private var marks: [Int] = []
    package private(set) var values: [StoredValue] = []
    /// The first value that no backend can keep; thrown when the statement runs.
    private var failure: (any Error)?

    package init(raw text: String) { marked = text }

    /// The parts one after another, with the separator between them.
    package init(joining parts: [Fragment], separator: String) {
        self.init(raw: "")
        for (index, part) in parts.enumerated() {
            if index > 0 { append(raw: separator) }
            append(part)
        }
    }

    fileprivate mutating func reserve(_ characters: Int, _ parts: Int) {
        // Parts are values, or fragments that are longer.
        marked.reserveCapacity(characters + 16 * parts)
    }

    /// Whether there is neither text nor value.
    package var isEmpty: Bool { marked.isEmpty }

    package mutating func append(raw text: String) { marked += text }

    package mutating func append(value: StoredValue) {
        marks.append(marked.utf8.count)
        marked += "?"
        values.append(value)
    }

    package mutating func append(_ other: Fragment) {
        let start = marked.utf8.count
        for mark in other.marks { marks.append(start + mark) }
        marked += other.marked
        values += other.values
        failure = failure ?? other.failure
    }

    package mutating func append(_ value: some ColumnValue) {
        do {
            append(value: try value.storedValue())
        } catch {
            failure = failure ?? error
            append(value: .null)
        }
    }

    package static func + (left: Fragment, right: Fragment) -> Fragment {
        var result = left
        result.append(right)
        return result
    }

    /// The text with a question mark for each value.
    ///
    /// - Throws: `.invalidValue` when a value of the fragment cannot be stored.
    package func text() throws -> String {
        if let failure { throw failure }
        return marked
    }

    /// The text with a placeholder for each value, made of its number, from 1.
    ///
    /// - Throws: `.invalidValue` when a value of the fragment cannot be stored.
    package func text(placeholder: (Int) -> String) throws -> String {
        let bytes = try text().utf8
        var text = ""
        var rest = bytes.startIndex
        for (index, mark) in marks.enumerated() {
            let end = bytes.index(bytes.startIndex, offsetBy: mark)
            text += marked[rest..<end]
            text += placeholder(index + 1)
            rest = bytes.index(after: end)
        }
        return text + marked[rest...]
    }
}

extension Fragment: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(raw: value) }
    package init(stringInterpolation: Interpolation) { self = stringInterpolation.fragment }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var fragment = Fragment(raw: "")

        package init(literalCapacity: Int, interpolationCount: Int) {
            fragment.reserve(literalCapacity, interpolationCount)
        }
        package mutating func appendLiteral(_ literal: String) { fragment.append(raw: literal) }
        package mutating func appendInterpolation(raw text: String) { fragment.append(raw: text) }
        package mutating func appendInterpolation(_ other: Fragment) { fragment.append(other) }
        package mutating func appendInterpolation(stored value: StoredValue) {
            fragment.append(value: value)
        }
        package mutating func appendInterpolation(_ value: some ColumnValue) {
            fragment.append(value)
        }
        // Without this one the compiler takes an optional for text to be printed, and warns.
        package mutating func appendInterpolation(_ value: (some ColumnValue)?) {
            fragment.append(value)
        }
    }
}
