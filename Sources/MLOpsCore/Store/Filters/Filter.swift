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
        Filter(condition: expression.filter.condition.negated)
    }
}
