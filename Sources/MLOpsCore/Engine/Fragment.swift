/// SQL text and the values bound to it, kept together and never mixed.
///
/// ```swift
/// "name = \(name) AND id IN (\(subquery))"
/// ```
/// An interpolated value becomes a parameter, and a fragment is nested. Only `\(raw:)` splices
/// text. A question mark in the text always marks a value, so the operator `?` cannot be used.
package struct Fragment: Sendable {
    /// The text, with a question mark for each value.
    private var marked: String
    package private(set) var values: [StoredValue]
    /// The error of the first value that cannot be stored; thrown when the statement runs.
    private var failure: (any Error)?

    package init(raw text: String) { self.init(text, []) }

    /// A text with a question mark for each value.
    ///
    /// A statement that runs often uses this initializer: its text is built only once.
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

    /// Reserves capacity for a number of bytes of text.
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

    /// Appends a value.
    ///
    /// The label keeps a string literal, which is SQL, from being taken for a value.
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

    /// The text with a numbered placeholder for each value, from 1.
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
            // 24 bytes are an estimate: a value takes one byte, a nested text more.
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
        // Without this overload the compiler warns that it would print the optional.
        package mutating func appendInterpolation(_ value: (some ColumnValue)?) {
            fragment.append(binding: value)
        }
    }
}
