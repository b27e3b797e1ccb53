public import Foundation

extension OrganizationMembership {
    /// The columns of `organization_memberships`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = OrganizationMembership
        /// The member, once in each organization.
        public let userID = Column<OrganizationMembership, Identifier<User>>("user_id")
        /// The member's role.
        public let role = Column<OrganizationMembership, OrganizationRole>("role")
        /// Who invited the member.
        public let invitedBy = Column<OrganizationMembership, Identifier<User>?>("invited_by")
        /// When the member accepted.
        public let joinedAt = Column<OrganizationMembership, Date?>("joined_at")
    }

    /// The columns of `organization_memberships`.
    public static let columns = Columns()
}

extension OrganizationMembership: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "organization_memberships", resource: "organization_membership",
        project: .person(columns.userID),
        quota: Organization.columns.maxUsers,
        fixed: [columns.userID, columns.invitedBy, columns.joinedAt],
        performer: [columns.invitedBy], performedAt: [columns.joinedAt],
        references: [
            Reference(columns.userID, onPurge: .cascade),
            Reference(columns.invitedBy, onPurge: .restrict),
        ])

    package static let blank = OrganizationMembership(user: .unassigned)

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.userID, &userID)
        try row.column(Self.columns.role, &role)
        try row.column(Self.columns.invitedBy, &invitedBy)
        try row.column(Self.columns.joinedAt, &joinedAt)
        try row.stamps(&self)
    }

    /// The membership of an owner requires the role `owner`, others require `admin`.
    ///
    /// Every member may read memberships and delete their own.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement {
        if action == .read || action == .delete && userID == user && deletedAt == nil {
            return .organization(.viewer)
        }
        return .organization(role == .owner ? .owner : .admin)
    }
}
