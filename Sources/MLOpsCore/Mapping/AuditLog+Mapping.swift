public import Foundation

extension AuditLog {
    /// The columns of `audit_logs`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = AuditLog
        /// The organization.
        public let organizationID = Column<AuditLog, Identifier<Organization>?>("organization_id")
        /// Who acted.
        public let userID = Column<AuditLog, Identifier<User>?>("user_id")
        /// The key they acted with.
        public let apiKeyID = Column<AuditLog, Identifier<APIKey>?>("api_key_id")
        /// The action, such as `model.update`.
        public let action = Column<AuditLog, String>("action")
        /// The type of the affected row.
        public let resourceType = Column<AuditLog, String>("resource_type")
        /// The id of the affected row.
        public let resourceID = Column<AuditLog, String?>("resource_id")
        /// The changed fields.
        public let details = JSONColumn<AuditLog>("details")
        /// Where the request came from.
        public let ipAddress = Column<AuditLog, String?>("ip_address")
        /// The program that made the request.
        public let userAgent = Column<AuditLog, String?>("user_agent")
        /// The sequence number in the organization's chain.
        public let sequence = Column<AuditLog, Int>("sequence")
        /// The hash of the previous entry.
        public let previousHash = Column<AuditLog, String?>("previous_hash")
        /// The hash of this entry.
        public let hash = Column<AuditLog, String>("hash")
        /// When the entry was made.
        public let createdAt = Column<AuditLog, Date>("created_at")
    }

    /// The columns of `audit_logs`.
    public static let columns = Columns()
}

extension AuditLog: TableMapped {
    package static let table = Table(
        of: Self.self, "audit_logs", resource: "audit_log",
        project: .none, trail: .itself,
        order: .inOrganization([columns.sequence]))

    package static let blank = AuditLog(action: "", resourceType: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.userID, &userID)
        try row.column(Self.columns.apiKeyID, &apiKeyID)
        try row.column(Self.columns.action, &action)
        try row.column(Self.columns.resourceType, &resourceType)
        try row.column(Self.columns.resourceID, &resourceID)
        try row.column(Self.columns.details, &details)
        try row.column(Self.columns.ipAddress, &ipAddress)
        try row.column(Self.columns.userAgent, &userAgent)
        try row.column(Self.columns.sequence, &sequence)
        try row.column(Self.columns.previousHash, &previousHash)
        try row.column(Self.columns.hash, &hash)
        try row.column(Self.columns.createdAt, &createdAt)
    }

    /// Admins may read the trail and add entries of their own.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement { .organization(.admin) }
}
