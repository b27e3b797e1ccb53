public import Foundation

/// A condition on the rows of one entity, built from its `Columns` and bound, never spliced.
///
/// ```swift
/// { $0.status == .completed && $0.metrics["accuracy"] > 0.9 }
/// ```
///
/// A condition is true or false, never unknown: an absent value or JSON path is different from
/// every value, and every other comparison with it is false.
public struct Filter<Record>: Sendable {
    package let condition: Condition
}

/// An expression that can be used as a condition: a filter or a Boolean column.
public protocol FilterExpression<Record>: Sendable {
    /// The entity whose rows are filtered.
    associatedtype Record
    /// The condition.
    var filter: Filter<Record> { get }
}

extension Filter: FilterExpression {
    /// The filter itself.
    public var filter: Filter { self }
}

extension Column: FilterExpression where Value == Bool {
    /// The column holds `true`.
    public var filter: Filter<Record> { self == true }
}

extension FilterExpression {
    /// Both conditions hold.
    public static func && (
        left: Self, right: some FilterExpression<Record>
    ) -> Filter<Record> {
        let (left, right) = (left.filter.condition, right.filter.condition)
        return Filter(condition: .all(left.conjuncts + right.conjuncts))
    }

    /// At least one condition holds.
    public static func || (
        left: Self, right: some FilterExpression<Record>
    ) -> Filter<Record> {
        let (left, right) = (left.filter.condition, right.filter.condition)
        return Filter(condition: .any(left.disjuncts + right.disjuncts))
    }

    /// The condition does not hold.
    public static prefix func ! (expression: Self) -> Filter<Record> {
        let condition = expression.filter.condition
        if case .not(let inner) = condition { return Filter(condition: inner) }
        return Filter(condition: .not(condition))
    }
}

/// A condition without the entity it is about, as the SQL engine reads it.
package indirect enum Condition: Sendable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case compare(column: String, Comparison, Result<StoredValue, StoreError>)
    case among(column: String, Result<[StoredValue], StoreError>)
    case like(column: String, pattern: String)
    case text(column: String, TextMatch, String)
    case comparePath(column: String, path: [String], Comparison, JSONValue)
    case existsPath(column: String, path: [String])
    case containsElement(column: String, String)

    /// How many comparisons it holds.
    var size: Int {
        switch self {
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.size }
        case .not(let inner): inner.size
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

/// Where a string has to stand in a column's text; case matters.
package enum TextMatch: Sendable { case prefix, substring }

/// A column of any type.
package protocol NamedColumn: Sendable {
    var name: String { get }
    /// Whether its texts are names, which are stored and compared in one form.
    var holdsNames: Bool { get }
    /// The largest document that it accepts, in UTF-8 bytes.
    var maximumBytes: Int { get }
}

extension NamedColumn {
    package var holdsNames: Bool { false }
    package var maximumBytes: Int { JSONValue.maximumBytes }
}

extension Column: NamedColumn {}
extension JSONColumn: NamedColumn {}
extension MetricColumn: NamedColumn {
    package var maximumBytes: Int { MetricSummary.maximumDocumentBytes }
}
extension TagColumn: NamedColumn {
    package var holdsNames: Bool { true }
}

/// A column of text that no filter can name.
package struct SecretColumn<Record>: NamedColumn {
    package let name: String
}

/// A column that a filter or an order can name.
public struct Column<Record, Value: ColumnValue>: Sendable {
    package let name: String
    package let holdsNames: Bool

    package init(_ name: String, holdsNames: Bool = false) {
        self.name = name
        self.holdsNames = holdsNames
    }

    /// A value as the column stores it.
    ///
    /// - Throws: `.invalidValue` when it cannot be stored.
    func stored(_ value: Value) throws -> StoredValue {
        let stored = try value.storedValue()
        return holdsNames ? try stored.asName() : stored
    }

    private func compare(_ comparison: Comparison, _ value: Value) -> Filter<Record> {
        Filter(condition: .compare(column: name, comparison, Result { try stored(value) }))
    }

    /// The column holds this value; `nil` asks for rows without one.
    public static func == (column: Column, value: Value) -> Filter<Record> {
        column.compare(.equal, value)
    }

    /// The column holds another value, or none.
    public static func != (column: Column, value: Value) -> Filter<Record> {
        column.compare(.notEqual, value)
    }

    /// The column holds one of the values; an empty list matches nothing.
    public func isIn(_ values: some Sequence<Value>) -> Filter<Record> {
        Filter(condition: .among(column: name, Result { try values.map(stored) }))
    }

    /// The column holds no value.
    public var isNull: Filter<Record> {
        Filter(condition: .compare(column: name, .equal, .success(.null)))
    }

    /// The column holds a value.
    public var isNotNull: Filter<Record> { !isNull }

    /// Rows with small values first; then NaN, then rows without a value.
    public var ascending: Order<Record> {
        Order(key: .column(name, Value.columnKind), descending: false)
    }

    /// Rows with large values first; then NaN, then rows without a value.
    public var descending: Order<Record> {
        Order(key: .column(name, Value.columnKind), descending: true)
    }
}

/// A value whose order a filter can ask for: `$0.createdAt > date`.
///
/// An enumeration has one when it is `Comparable`.
public protocol OrderedColumnValue: ColumnValue {}
extension Int: OrderedColumnValue {}
extension Int64: OrderedColumnValue {}
extension Double: OrderedColumnValue {}
extension String: OrderedColumnValue {}
extension Date: OrderedColumnValue {}
extension Identifier: OrderedColumnValue {}
extension Optional: OrderedColumnValue where Wrapped: OrderedColumnValue {}

extension Column where Value: OrderedColumnValue {
    /// The column's value comes before.
    public static func < (column: Column, value: Value) -> Filter<Record> {
        column.compare(.less, value)
    }

    /// The column's value comes before or is the same.
    public static func <= (column: Column, value: Value) -> Filter<Record> {
        column.compare(.lessOrEqual, value)
    }

    /// The column's value comes after.
    public static func > (column: Column, value: Value) -> Filter<Record> {
        column.compare(.greater, value)
    }

    /// The column's value comes after or is the same.
    public static func >= (column: Column, value: Value) -> Filter<Record> {
        column.compare(.greaterOrEqual, value)
    }
}

/// An enumeration with an order of its own, such as a severity, is compared and sorted by it.
extension Column where Value: TextEnumeration & Comparable {
    private func among(_ holds: (Value) -> Bool) -> Filter<Record> {
        isIn(Value.allCases.filter(holds))
    }

    /// The column's case comes before.
    public static func < (column: Column, value: Value) -> Filter<Record> {
        column.among { $0 < value }
    }

    /// The column's case comes before or is the same.
    public static func <= (column: Column, value: Value) -> Filter<Record> {
        column.among { $0 <= value }
    }

    /// The column's case comes after.
    public static func > (column: Column, value: Value) -> Filter<Record> {
        column.among { $0 > value }
    }

    /// The column's case comes after or is the same.
    public static func >= (column: Column, value: Value) -> Filter<Record> {
        column.among { $0 >= value }
    }

    private var rank: OrderKey { .rank(column: name, Value.allCases.sorted().map(\.rawValue)) }

    /// Rows with the first cases first.
    public var ascending: Order<Record> { Order(key: rank, descending: false) }

    /// Rows with the last cases first.
    public var descending: Order<Record> { Order(key: rank, descending: true) }
}

/// A column of text, optional or not.
public protocol TextColumnValue: ColumnValue {}
extension String: TextColumnValue {}
extension Optional: TextColumnValue where Wrapped == String {}

extension Column where Value: TextColumnValue {
    private func text(_ text: String) -> String { holdsNames ? text.asName : text }

    /// The text matches a pattern of `%` (any run) and `_` (any character); a backslash escapes
    /// either; ASCII letters match in both cases.
    ///
    /// A query with a pattern that ends in a single backslash throws `.invalidValue`.
    public func like(_ pattern: String) -> Filter<Record> {
        Filter(condition: .like(column: name, pattern: text(pattern)))
    }

    /// The text starts with these characters; case matters.
    public func hasPrefix(_ prefix: String) -> Filter<Record> {
        Filter(condition: .text(column: name, .prefix, text(prefix)))
    }

    /// The text contains these characters; case matters.
    public func contains(_ substring: String) -> Filter<Record> {
        Filter(condition: .text(column: name, .substring, text(substring)))
    }
}

/// A column that holds a JSON object: `$0.parameters["optimizer", "name"] == "adam"`.
public struct JSONColumn<Record>: Sendable {
    package let name: String

    package init(_ name: String) { self.name = name }

    /// The value under these keys, outermost first.
    public subscript(path: String...) -> JSONPath<Record> {
        JSONPath(column: name, path: path.map(\.asName))
    }
}

/// A place inside a JSON column.
///
/// A comparison holds only for a value of the same JSON type. The strings `"Infinity"`,
/// `"-Infinity"` and `"NaN"`, as which the store keeps the numbers that JSON does not have, count
/// as numbers too: an infinity is in its place, and NaN compares with nothing.
public struct JSONPath<Record>: Sendable {
    package let column: String
    package let path: [String]

    private func compare(_ comparison: Comparison, _ value: JSONValue) -> Filter<Record> {
        Filter(
            condition: .comparePath(column: column, path: path, comparison, value.namingKeys()))
    }

    /// The path holds this value: a number, alone or within, written as 1 or as 1.0; an array
    /// with the same elements; an object with the same members.
    public static func == (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.equal, value)
    }

    /// The path holds anything else, or does not exist.
    public static func != (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.notEqual, value)
    }

    /// The path holds a smaller number, or a string that comes before.
    public static func < (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.less, value)
    }

    /// The path holds a number or string that comes before or is the same.
    public static func <= (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.lessOrEqual, value)
    }

    /// The path holds a larger number, or a string that comes after.
    public static func > (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.greater, value)
    }

    /// The path holds a number or string that comes after or is the same.
    public static func >= (path: JSONPath, value: JSONValue) -> Filter<Record> {
        path.compare(.greaterOrEqual, value)
    }

    /// The path exists, with any value.
    public var exists: Filter<Record> {
        Filter(condition: .existsPath(column: column, path: path))
    }

    /// Rows with small numbers first; then NaN, then rows without a number.
    public var ascending: Order<Record> {
        Order(key: .number(column: column, path: path), descending: false)
    }

    /// Rows with large numbers first; then NaN, then rows without a number.
    public var descending: Order<Record> {
        Order(key: .number(column: column, path: path), descending: true)
    }
}

/// The metrics of a run, by name: `$0.metrics["accuracy"] > 0.9` asks for the last value.
public struct MetricColumn<Record>: Sendable {
    package let name: String

    package init(_ name: String) { self.name = name }

    /// One figure of a metric's summary.
    public subscript(metric: String, figure: MetricFigure = .last) -> JSONPath<Record> {
        JSONPath(column: name, path: [metric.asName, figure.rawValue])
    }
}

/// A column that holds a list of tags.
public struct TagColumn<Record>: Sendable {
    package let name: String

    package init(_ name: String) { self.name = name }

    /// The row has this tag.
    public func contains(_ tag: String) -> Filter<Record> {
        Filter(condition: .containsElement(column: name, tag.asName))
    }
}
