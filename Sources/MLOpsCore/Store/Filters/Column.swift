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

    /// Rows with small values first; then NaN, then rows without a value.
    public var ascending: Order<Record> {
        Order(key: .column(name, Value.columnKind), descending: false)
    }

    /// Rows with large values first; then NaN, then rows without a value.
    public var descending: Order<Record> {
        Order(key: .column(name, Value.columnKind), descending: true)
    }
}

extension Column: FilterColumn {
    /// In the row itself.
    public var place: ColumnPlace { ColumnPlace(name: name, holdsNames: holdsNames, way: []) }
}

/// An enumeration with an order of its own, such as a severity, is sorted by it.
extension Column where Value: TextEnumeration & Comparable {
    private var rank: OrderKey { .rank(column: name, Value.allCases.sorted().map(\.rawValue)) }

    /// Rows with the first cases first.
    public var ascending: Order<Record> { Order(key: rank, descending: false) }

    /// Rows with the last cases first.
    public var descending: Order<Record> { Order(key: rank, descending: true) }
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
