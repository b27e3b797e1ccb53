public import Foundation

/// The names of the columns that many tables have.
package enum CommonColumn {
    package static let id = "id"
    package static let organizationID = "organization_id"
    package static let createdBy = "created_by"
    package static let createdAt = "created_at"
    package static let updatedAt = "updated_at"
    package static let revision = "revision"
    package static let deletedAt = "deleted_at"
    package static let deletionID = "deletion_id"
}

extension EntityColumns {
    /// The key.
    public var id: Column<Record, Identifier<Record>> { Column(CommonColumn.id) }
}

extension EntityColumns where Record: TenantOwned {
    /// The organization.
    public var organizationID: Column<Record, Identifier<Organization>> {
        Column(CommonColumn.organizationID)
    }
}

extension EntityColumns where Record: Authored {
    /// Who made the row.
    public var createdBy: Column<Record, Identifier<User>> { Column(CommonColumn.createdBy) }
}

extension EntityColumns where Record: Mutable {
    /// When the row was made.
    public var createdAt: Column<Record, Date> { Column(CommonColumn.createdAt) }
    /// When the row last changed.
    public var updatedAt: Column<Record, Date> { Column(CommonColumn.updatedAt) }
    /// How often the row was written.
    public var revision: Column<Record, Int> { Column(CommonColumn.revision) }
}

extension EntityColumns where Record: SoftDeletable {
    /// When the row was deleted.
    public var deletedAt: Column<Record, Date?> { Column(CommonColumn.deletedAt) }
    /// The deletion that took the row.
    public var deletionID: Column<Record, Identifier<Deletion>?> {
        Column(CommonColumn.deletionID)
    }
}
