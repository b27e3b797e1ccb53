public import Foundation

/// A row of one of the 19 tables, as a value.
///
/// What the store keeps for itself (the organization, times, revision, deletion) is read-only: an
/// entity that was not inserted yet carries `.unassigned` ids there, and ``Repository/insert(_:)``
/// returns the entity as it was stored.
public protocol Entity: Sendable, Hashable, Codable, Identifiable where ID == Identifier<Self> {
    /// The typed names of the columns, from which filters and orders are built.
    associatedtype Columns: EntityColumns where Columns.Record == Self

    /// The columns of this entity's table.
    static var columns: Columns { get }

    /// What one row is called in messages, such as `model version`.
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
/// A conforming type declares the columns of its own entity; those that many entities have
/// come with the protocols below.
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

    /// How often the row was written: 1 after the insert, one more after every update.
    var revision: Int { get }

    /// The repository of a transaction for these rows, with updates.
    ///
    /// - Throws: As ``Entity/repository(in:)``.
    static func mutableRepository(
        in transaction: any Transaction
    ) throws -> any MutableRepository<Self>
}

/// An entity whose deletion can be taken back.
public protocol SoftDeletable: Mutable {
    /// When the row was deleted, or `nil` while it is live.
    var deletedAt: Date? { get }

    /// The deletion that took the row with it; every row deleted by one call carries the same.
    var deletionID: Identifier<Deletion>? { get }

    /// The repository of a transaction for these rows, with deletion.
    ///
    /// - Throws: As ``Entity/repository(in:)``.
    static func softDeletableRepository(
        in transaction: any Transaction
    ) throws -> any SoftDeletableRepository<Self>
}

/// An entity that somebody made.
public protocol Authored: Entity {
    /// Who made the row; `.unassigned` until it is inserted.
    var createdBy: Identifier<User> { get }
}

/// One call of `delete`, with everything below the row that it took along.
public struct Deletion: Sendable, Hashable, Codable {
    /// The mark that every row of this deletion carries.
    public let id: Identifier<Deletion>

    /// When it happened.
    public let date: Date

    /// How many rows of each table were marked, by table name.
    public let counts: [String: Int]
}

extension Date {
    /// The time on the microsecond grid that both backends store.
    ///
    /// A time outside years 1 to 9999 is returned as it is; storing it throws `.invalidValue`.
    public var roundedToMicroseconds: Date {
        microseconds.map(Date.init(microseconds:)) ?? self
    }

    /// Whole microseconds since 1970-01-01 UTC, or `nil` outside years 1 to 9999 and for NaN.
    package var microseconds: Int64? {
        let seconds = timeIntervalSinceReferenceDate
        // `Date.distantPast`, which Foundation puts two days before year 1, and year 10000.
        guard seconds >= -63_114_076_800, seconds < 252_423_993_600 else { return nil }
        let whole = seconds.rounded(.down)
        let fraction = ((seconds - whole) * 1_000_000).rounded()
        return (Int64(whole) + Self.referenceOffset) * 1_000_000 + Int64(fraction)
    }

    /// The time that many microseconds after 1970-01-01 UTC.
    package init(microseconds: Int64) {
        let (whole, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        self.init(
            timeIntervalSinceReferenceDate: Double(whole - Self.referenceOffset)
                + Double(remainder) / 1_000_000)
    }

    /// Seconds from 1970 to 2001.
    private static let referenceOffset: Int64 = 978_307_200
}
