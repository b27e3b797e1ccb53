/// The row that a foreign key leads to, in a condition.
///
/// ```swift
/// { $0.experiment.name == "sweep" && $0.project.name.hasPrefix("Digits") }
/// ```
///
/// A condition on it holds for rows whose related row is live and visible to the workspace. So it
/// does not tell what a deleted or hidden row holds.
@dynamicMemberLookup
public struct Related<Record, Parent: Entity>: Sendable {
    private let way: [ColumnPlace.Hop]

    private init(_ way: [ColumnPlace.Hop]) { self.way = way }

    /// The row that a foreign key leads to.
    package init(_ key: Column<Record, Identifier<Parent>>) {
        way = [ColumnPlace.Hop(column: key.name, entity: Parent.self)]
    }

    /// The row that a foreign key leads to, if it leads to any.
    package init(_ key: Column<Record, Identifier<Parent>?>) {
        way = [ColumnPlace.Hop(column: key.name, entity: Parent.self)]
    }

    /// A column of the related row.
    public subscript<Value>(
        dynamicMember column: KeyPath<Parent.Columns, Column<Parent, Value>>
    ) -> RelatedColumn<Record, Value> {
        let column = Parent.columns[keyPath: column]
        return RelatedColumn(
            place: ColumnPlace(name: column.name, holdsNames: column.holdsNames, way: way))
    }

    /// The row that a foreign key of the related row leads to.
    public subscript<Next>(
        dynamicMember next: KeyPath<Parent.Columns, Related<Parent, Next>>
    ) -> Related<Record, Next> {
        Related<Record, Next>(way + Parent.columns[keyPath: next].way)
    }

    /// The related row satisfies a condition, also one on its documents and tags.
    ///
    /// ```swift
    /// { $0.experiment.matches { $0.tags.contains("nlp") && $0.config["folds"] == 5 } }
    /// ```
    public func matches(
        _ condition: (Parent.Columns) -> any FilterExpression<Parent>
    ) -> Filter<Record> {
        ColumnPlace(name: "", holdsNames: false, way: way)
            .filter(condition(Parent.columns).filter.condition)
    }
}

/// A column of a related row, which a filter can compare and no order can name.
public struct RelatedColumn<Record, Value: ColumnValue>: FilterColumn {
    /// In the related row.
    public let place: ColumnPlace
}

extension RelatedColumn: FilterExpression where Value == Bool {
    /// The column holds `true`.
    public var filter: Filter<Record> { self == true }
}
