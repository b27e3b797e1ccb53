public import Foundation

/// A column that a condition compares: of the row itself, or of a row that it refers to.
public protocol FilterColumn<Record, Value>: Sendable {
    /// The entity whose rows are filtered.
    associatedtype Record
    /// The type of the column's values.
    associatedtype Value: ColumnValue
    /// Where the column is.
    var place: ColumnPlace { get }
}

/// Where a column is: its name, and the way to its row.
public struct ColumnPlace: Sendable {
    package let name: String
    package let holdsNames: Bool
    /// The foreign keys that lead to the row, the first one in the row that is filtered.
    package let way: [Hop]

    /// One step from a row to another.
    package struct Hop: Sendable {
        package let column: String
        package let entity: any Entity.Type
    }

    /// A condition on the column as one on the row that is filtered.
    ///
    /// The value of a row that is not there is absent, as one that a column does not hold.
    package func filter<Record>(_ condition: Condition) -> Filter<Record> {
        Filter(condition: way.isEmpty ? condition : related(condition))
    }

    private func related(_ condition: Condition) -> Condition {
        switch condition {
        case .compare(let column, .equal, .success(.null)):
            return reaching(.compare(column: column, .notEqual, .success(.null))).negated
        case .compare(let column, .notEqual, let value):
            if case .success(.null) = value { return reaching(condition) }
            return reaching(.compare(column: column, .equal, value)).negated
        case .among(let column, .success(let values)) where values.contains(.null):
            let absent = related(.compare(column: column, .equal, .success(.null)))
            return .any([reaching(condition), absent])
        default: return reaching(condition)
        }
    }

    private func reaching(_ condition: Condition) -> Condition {
        way.reversed().reduce(condition) { .related(column: $1.column, $1.entity, $0) }
    }
}

extension FilterColumn {
    /// A value as the column stores it.
    ///
    /// - Throws: `.invalidValue` when it cannot be stored.
    func stored(_ value: Value) throws -> StoredValue {
        let stored = try value.storedValue()
        return place.holdsNames ? try stored.asName() : stored
    }

    fileprivate func compare(_ comparison: Comparison, _ value: Value) -> Filter<Record> {
        place.filter(
            .compare(
                column: place.name, comparison, StoreError.catching { try stored(value) }))
    }

    /// The column holds this value; `nil` asks for rows without one.
    public static func == (column: Self, value: Value) -> Filter<Record> {
        column.compare(.equal, value)
    }

    /// The column holds another value, or none.
    public static func != (column: Self, value: Value) -> Filter<Record> {
        column.compare(.notEqual, value)
    }

    /// The column holds one of the values; an empty list matches nothing.
    public func isIn(_ values: some Sequence<Value>) -> Filter<Record> {
        place.filter(
            .among(column: place.name, StoreError.catching { try values.map(stored) }))
    }

    /// The column holds no value.
    public var isNull: Filter<Record> {
        place.filter(.compare(column: place.name, .equal, .success(.null)))
    }

    /// The column holds a value.
    public var isNotNull: Filter<Record> {
        place.filter(.compare(column: place.name, .notEqual, .success(.null)))
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

extension FilterColumn where Value: OrderedColumnValue {
    /// The column's value comes before.
    public static func < (column: Self, value: Value) -> Filter<Record> {
        column.compare(.less, value)
    }

    /// The column's value comes before or is the same.
    public static func <= (column: Self, value: Value) -> Filter<Record> {
        column.compare(.lessOrEqual, value)
    }

    /// The column's value comes after.
    public static func > (column: Self, value: Value) -> Filter<Record> {
        column.compare(.greater, value)
    }

    /// The column's value comes after or is the same.
    public static func >= (column: Self, value: Value) -> Filter<Record> {
        column.compare(.greaterOrEqual, value)
    }
}

/// An enumeration with an order of its own, such as a severity, is compared by it.
extension FilterColumn where Value: TextEnumeration & Comparable {
    private func among(_ holds: (Value) -> Bool) -> Filter<Record> {
        isIn(Value.allCases.filter(holds))
    }

    /// The column's case comes before.
    public static func < (column: Self, value: Value) -> Filter<Record> {
        column.among { $0 < value }
    }

    /// The column's case comes before or is the same.
    public static func <= (column: Self, value: Value) -> Filter<Record> {
        column.among { $0 <= value }
    }

    /// The column's case comes after.
    public static func > (column: Self, value: Value) -> Filter<Record> {
        column.among { $0 > value }
    }

    /// The column's case comes after or is the same.
    public static func >= (column: Self, value: Value) -> Filter<Record> {
        column.among { $0 >= value }
    }
}

/// A column of text, optional or not.
public protocol TextColumnValue: ColumnValue {}
extension String: TextColumnValue {}
extension Optional: TextColumnValue where Wrapped == String {}

extension FilterColumn where Value: TextColumnValue {
    private func text(_ text: String) -> String { place.holdsNames ? text.asName : text }

    /// The text matches a pattern of `%` (any run) and `_` (any character); a backslash escapes
    /// either; ASCII letters match in both cases.
    ///
    /// A query with a pattern that ends in a single backslash throws `.invalidValue`.
    public func like(_ pattern: String) -> Filter<Record> {
        place.filter(.like(column: place.name, pattern: text(pattern)))
    }

    /// The text starts with these characters; case matters.
    public func hasPrefix(_ prefix: String) -> Filter<Record> {
        place.filter(.text(column: place.name, .prefix, text(prefix)))
    }

    /// The text contains these characters; case matters.
    public func contains(_ substring: String) -> Filter<Record> {
        place.filter(.text(column: place.name, .substring, text(substring)))
    }
}

extension StoreError {
    /// The value, or the error of the library that says why there is none.
    static func catching<Value>(_ body: () throws -> Value) -> Result<Value, StoreError> {
        do {
            return .success(try body())
        } catch let error as StoreError {
            return .failure(error)
        } catch {
            return .failure(StoreError(.invalidValue, "A value cannot be stored: \(error)"))
        }
    }
}
