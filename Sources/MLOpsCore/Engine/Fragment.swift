/// SQL text and the values bound to it, kept together and never mixed.
///
/// ```swift
/// "name = \(name) AND id IN (\(subquery))"
/// ```
/// An interpolated value becomes a parameter; a fragment nests; only `\(raw:)` splices text. A
/// question mark in the text is the place of a value, and nothing else: an operator of that name
/// has to be avoided.
package struct Fragment: Sendable {
    /// The text, with a question mark for each value.
    private var marked: String
    package private(set) var values: [StoredValue]
    /// The first value that no backend can keep; thrown when the statement runs.
    private var failure: (any Error)?

    package init(raw text: String) { self.init(text, []) }

    /// A text with a question mark for each value.
    ///
    /// A statement that runs often is made so: its text is not put together anew.
    package init(_ text: String, _ values: [StoredValue]) {
        assert(text.utf8.count { $0 == UInt8(ascii: "?") } == values.count, text)
        marked = text
        self.values = values
    }

    /// The parts one after another, with the separator between them.
    package init(joining parts: [Fragment], separator: String) {
        self.init(raw: "")
        for (index, part) in parts.enumerated() {
            if index > 0 { append(raw: separator) }
            append(part)
        }
    }

    /// Whether the fragment is a condition that always holds.
    var isTrue: Bool { marked == "TRUE" }

    /// Makes room for so many bytes of text.
    fileprivate mutating func reserve(_ bytes: Int) { marked.reserveCapacity(bytes) }

    /// Whether there is neither text nor value.
    package var isEmpty: Bool { marked.isEmpty }

    package mutating func append(raw text: String) {
        assert(!text.utf8.contains(UInt8(ascii: "?")), text)
        marked += text
    }

    package mutating func append(value: StoredValue) {
        marked += "?"
        values.append(value)
    }

    package mutating func append(_ other: Fragment) {
        marked += other.marked
        if !other.values.isEmpty { values += other.values }
        if let error = other.failure { failure = failure ?? error }
    }

    /// Appends a value; its own name keeps a text that stands in code from being taken for one.
    mutating func append(binding value: some ColumnValue) {
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
        let parts = try text().utf8.split(
            separator: UInt8(ascii: "?"), omittingEmptySubsequences: false)
        var text = ""
        for (index, part) in parts.enumerated() {
            if index > 0 { text += placeholder(index) }
            text += Substring(part)
        }
        return text
    }
}

extension Fragment: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(raw: value) }
    package init(stringInterpolation: Interpolation) { self = stringInterpolation.fragment }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var fragment = Fragment(raw: "")

        package init(literalCapacity: Int, interpolationCount: Int) {
            // Parts are values, or texts that are longer.
            fragment.reserve(literalCapacity + 24 * interpolationCount)
        }
        package mutating func appendLiteral(_ literal: String) { fragment.append(raw: literal) }
        package mutating func appendInterpolation(raw text: String) { fragment.append(raw: text) }
        package mutating func appendInterpolation(_ other: Fragment) { fragment.append(other) }
        package mutating func appendInterpolation(stored value: StoredValue) {
            fragment.append(value: value)
        }
        package mutating func appendInterpolation(_ value: some ColumnValue) {
            fragment.append(binding: value)
        }
        // Without this one the compiler takes an optional for text to be printed, and warns.
        package mutating func appendInterpolation(_ value: (some ColumnValue)?) {
            fragment.append(binding: value)
        }
    }
}
