/// Which rows of an entity to return, in which order, and how many at once.
public struct Query<Record: Entity>: Sendable {
    /// The condition, or `nil` for every row the workspace sees.
    public var filter: Filter<Record>?

    /// The order; rows that it leaves equal follow by id, so that pages are stable.
    ///
    /// Without one, rows come by id, and in the two tables of points by their index: points of a
    /// run by run, metric and step, measurements by deployment, metric and time, each then by id.
    /// The audit trail of an organization comes in its own sequence.
    public var order: [Order<Record>]

    /// The size of a page, 1 to 10,000.
    public var limit: Int

    /// Where the page starts: the `next` of the page before, or `nil` for the first.
    public var cursor: Cursor?

    /// Whether deleted rows are returned.
    public var deleted: DeletedRows

    /// Makes a query; without arguments it is the first hundred live rows in the default order.
    public init(
        where filter: ((Record.Columns) -> any FilterExpression<Record>)? = nil,
        order: ((Record.Columns) -> [Order<Record>])? = nil,
        limit: Int = 100,
        after cursor: Cursor? = nil,
        deleted: DeletedRows = .excluded
    ) {
        self.filter = filter?(Record.columns).filter
        self.order = order?(Record.columns) ?? []
        self.limit = limit
        self.cursor = cursor
        self.deleted = deleted
    }

    /// The same query with a further condition.
    public func filtered(by condition: (Record.Columns) -> any FilterExpression<Record>) -> Query {
        var query = self
        let added = condition(Record.columns).filter
        query.filter = filter.map { $0 && added } ?? added
        return query
    }
}

/// Whether a query returns deleted rows.
public enum DeletedRows: Sendable, Hashable {
    /// Live rows only.
    case excluded
    /// Live and deleted rows.
    case included
    /// Deleted rows only.
    case only
}

/// One key of a sort order.
public struct Order<Record>: Sendable {
    package let key: OrderKey
    package let descending: Bool
}

/// What an order sorts by.
package enum OrderKey: Sendable, Hashable {
    case column(String, ColumnKind)
    case number(JSONPlace)
    /// The texts of a column in an order of their own.
    case rank(column: String, [String])
}

/// A place between two pages of a query.
///
/// Its text may be handed to a client and back.
public struct Cursor: Sendable, Hashable, Codable, LosslessStringConvertible {
    /// The cursor as text.
    public let description: String

    /// Wraps the text of a cursor; any other text is refused when the query runs.
    public init(_ description: String) { self.description = description }
}

/// Some rows of a query, and where the rest begins.
public struct Page<Record: Sendable>: Sendable {
    /// The rows, in the query's order.
    public let records: [Record]

    /// The cursor of the next page, or `nil` when this is the last.
    public let next: Cursor?
}

extension Page: RandomAccessCollection {
    /// The position of the first row.
    public var startIndex: Int { records.startIndex }
    /// The position after the last row.
    public var endIndex: Int { records.endIndex }
    /// The row at a position.
    public subscript(position: Int) -> Record { records[position] }
}
