public import Foundation

/// A row of one of the 19 tables, as a value.
///
/// Fields that the store maintains (organization, times, revision, deletion) are read-only. Before
/// the insert the ids among them are `.unassigned`; ``Repository/insert(_:)`` returns the entity as
/// it is stored.
public protocol Entity: Sendable, Hashable, Codable, Identifiable where ID == Identifier<Self> {
    /// The typed columns, from which filters and orders are built.
    associatedtype Columns: EntityColumns where Columns.Record == Self

    /// The columns of this entity's table.
    static var columns: Columns { get }

    /// The name of a row in messages, such as `model version`.
    static var entityName: String { get }

    /// The key of the row.
    var id: Identifier<Self> { get }

    /// The repository of a transaction for these rows.
    ///
    /// - Throws: `.invalidValue` for a transaction that is not one of the library's.
    static func repository(in transaction: any Transaction) throws -> any Repository<Self>
}

/// The columns of an entity's table.
///
/// A conforming type declares the columns of its own entity; columns that many entities share come
/// with the protocols below.
public protocol EntityColumns: Sendable {
    /// The entity.
    associatedtype Record: Entity
}

/// An entity that belongs to one organization.
public protocol TenantOwned: Entity {
    /// The organization the row belongs to; `.unassigned` until it is inserted.
    var organizationID: Identifier<Organization> { get }
}

/// An entity that can be changed after it was made.
public protocol Mutable: Entity {
    /// When the row was made, in UTC, to the microsecond.
    var createdAt: Date { get }

    /// When the row last changed, in UTC, to the microsecond.
    var updatedAt: Date { get }

    /// The revision: 1 after the insert, one more after each change.
    var revision: Int { get }

    /// The repository of a transaction for these rows, with updates.
    ///
    /// - Throws: As ``Entity/repository(in:)``.
    static func mutableRepository(
        in transaction: any Transaction
    ) throws -> any MutableRepository<Self>
}

/// An entity that can be deleted and restored.
public protocol SoftDeletable: Mutable {
    /// When the row was deleted, or `nil` while it is live.
    var deletedAt: Date? { get }

    /// The deletion that the row was part of, the same for all rows deleted by one call.
    var deletionID: Identifier<Deletion>? { get }

    /// The repository of a transaction for these rows, with deletion.
    ///
    /// - Throws: As ``Entity/repository(in:)``.
    static func softDeletableRepository(
        in transaction: any Transaction
    ) throws -> any SoftDeletableRepository<Self>
}

/// An entity that records its creator.
public protocol Authored: Entity {
    /// Who made the row; `.unassigned` until it is inserted.
    var createdBy: Identifier<User> { get }
}

/// One call of `delete`, which deletes a row and all rows below it.
public struct Deletion: Sendable, Hashable, Codable {
    /// The id that every row of this deletion carries.
    public let id: Identifier<Deletion>

    /// When it happened.
    public let date: Date

    /// The number of deleted rows of each table, by table name.
    public let counts: [String: Int]
}

extension Date {
    /// The time rounded to whole microseconds, as both backends store it.
    ///
    /// A time outside years 1 to 9999 is returned unchanged; storing it throws `.invalidValue`.
    public var roundedToMicroseconds: Date {
        microseconds.map(Date.init(microseconds:)) ?? self
    }

    /// Whole microseconds since 1970-01-01 UTC; `nil` outside years 1 to 9999 and for NaN.
    package var microseconds: Int64? {
        let seconds = timeIntervalSinceReferenceDate
        // From `Date.distantPast`, two days before year 1 in Foundation, up to year 10000.
        guard seconds >= -63_114_076_800, seconds < 252_423_993_600 else { return nil }
        let whole = seconds.rounded(.down)
        let fraction = ((seconds - whole) * 1_000_000).rounded()
        return (Int64(whole) + Self.referenceOffset) * 1_000_000 + Int64(fraction)
    }

    /// The time at a number of microseconds after 1970-01-01 UTC.
    package init(microseconds: Int64) {
        let (whole, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        self.init(
            timeIntervalSinceReferenceDate: Double(whole - Self.referenceOffset)
                + Double(remainder) / 1_000_000)
    }

    /// Seconds from 1970 to 2001.
    private static let referenceOffset: Int64 = 978_307_200
}
