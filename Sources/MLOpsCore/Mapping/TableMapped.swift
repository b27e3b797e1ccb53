package import Foundation

/// An entity and its table, declared in one place: the columns, and the role for each action.
package protocol TableMapped: Entity {
    static var table: Table { get }

    /// A placeholder whose columns are overwritten by those of a row.
    static var blank: Self { get }

    /// Visits every column, in the order of the table.
    mutating func map(_ row: inout some RowMapper & ~Copyable) throws

    /// Reads a row through ``map(_:)``.
    ///
    /// Like ``encode(into:)`` it is a requirement of the protocol, so that each entity's witness is
    /// compiled with its own map. A function of the extension alone would dispatch every column
    /// dynamically.
    init(from row: inout RowDecoder) throws

    /// Writes a row through ``map(_:)``.
    func encode(into row: inout RowEncoder) throws

    /// The minimum role for an action on this row.
    func requirement(to action: PermissionAction, by user: Identifier<User>) -> Requirement
}

/// An entity with the times and the revision that the engine maintains.
package protocol MutableMapped: TableMapped, Mutable {
    var createdAt: Date { get set }
    var updatedAt: Date { get set }
    var revision: Int { get set }
}

/// An entity with the columns that a deletion writes.
package protocol SoftDeletableMapped: MutableMapped, SoftDeletable {
    var deletedAt: Date? { get set }
    var deletionID: Identifier<Deletion>? { get set }
}

extension TableMapped {
    package init(from row: inout RowDecoder) throws {
        self = Self.blank
        try map(&row)
    }

    package func encode(into row: inout RowEncoder) throws {
        var copy = self
        try copy.map(&row)
    }

    /// The values of the columns, in the order of the table.
    package func storedValues() throws -> [StoredValue] {
        var encoder = RowEncoder(capacity: Self.table.columns.count)
        try encode(into: &encoder)
        return encoder.values
    }

    /// The minimum role of the table.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement { Self.table.permissions[action] }
}

extension RowMapper where Self: ~Copyable {
    mutating func stamps<Record: MutableMapped>(_ record: inout Record) throws {
        try column(Record.columns.createdAt, &record.createdAt)
        try column(Record.columns.updatedAt, &record.updatedAt)
        try column(Record.columns.revision, &record.revision)
    }

    mutating func stamps<Record: SoftDeletableMapped>(_ record: inout Record) throws {
        try column(Record.columns.createdAt, &record.createdAt)
        try column(Record.columns.updatedAt, &record.updatedAt)
        try column(Record.columns.deletedAt, &record.deletedAt)
        try column(Record.columns.deletionID, &record.deletionID)
        try column(Record.columns.revision, &record.revision)
    }
}
