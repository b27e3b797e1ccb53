public import Foundation

extension APIKey {
    /// The columns of `api_keys`.
    public struct Columns: EntityColumns {
        /// The entity.
        public typealias Record = APIKey
        /// The user it acts for.
        public let userID = Column<APIKey, Identifier<User>>("user_id")
        /// The name.
        public let name = Column<APIKey, String>("name", holdsNames: true)
        /// The public part.
        public let keyPrefix = Column<APIKey, String>("key_prefix")
        /// The hash of the secret part.
        public let keyHash = Column<APIKey, String>("key_hash")
        /// What the program may do.
        public let permissions = JSONColumn<APIKey>("permissions")
        /// When it was last used.
        public let lastUsedAt = Column<APIKey, Date?>("last_used_at")
        /// When it expires.
        public let expiresAt = Column<APIKey, Date?>("expires_at")
        /// When it was revoked.
        public let revokedAt = Column<APIKey, Date?>("revoked_at")
        /// The key with which it was issued.
        public let issuerKeyID = Column<APIKey, Identifier<APIKey>?>("issuer_key_id")
        /// What its maker could do when it was made.
        public let limits = JSONColumn<APIKey>("limits")
        /// Whether it is enabled.
        public let isActive = Column<APIKey, Bool>("is_active")
    }

    /// The columns of `api_keys`.
    public static let columns = Columns()
}

extension APIKey: SoftDeletableMapped {
    package static let table = Table(
        of: Self.self, "api_keys", resource: "api_key",
        project: .none, person: columns.userID,
        fixed: [
            columns.userID, columns.keyPrefix, columns.keyHash, columns.permissions,
            columns.expiresAt, columns.issuerKeyID, columns.limits,
        ],
        managed: [columns.lastUsedAt, columns.revokedAt],
        redacted: [columns.keyHash],
        references: [
            Reference(columns.userID, onPurge: .cascade, isMember: true),
            Reference(columns.issuerKeyID, onPurge: .cascade, isManaged: true),
        ])

    package static let blank = APIKey(user: .unassigned, name: "")

    package mutating func map(_ row: inout some RowMapper & ~Copyable) throws {
        try row.column(Self.columns.id, &id)
        try row.column(Self.columns.organizationID, &organizationID)
        try row.column(Self.columns.userID, &userID)
        try row.column(Self.columns.name, &name)
        try row.column(Self.columns.keyPrefix, &keyPrefix)
        try row.column(Self.columns.keyHash, &keyHash)
        try row.document(Self.columns.permissions, &permissions)
        try row.column(Self.columns.lastUsedAt, &lastUsedAt)
        try row.column(Self.columns.expiresAt, &expiresAt)
        try row.column(Self.columns.revokedAt, &revokedAt)
        try row.column(Self.columns.issuerKeyID, &issuerKeyID)
        try row.document(Self.columns.limits, &limits)
        try row.column(Self.columns.isActive, &isActive)
        try row.stamps(&self)
    }

    /// Any member may act on their own keys; the keys of others require the role `admin`.
    package func requirement(
        to action: PermissionAction, by user: Identifier<User>
    ) -> Requirement { .organization(userID == user ? .viewer : .admin) }
}

extension APIKeyPermissions {
    /// Checks that the scopes name existing tables and actions, or `*`.
    ///
    /// - Throws: `.invalidValue`, whose message lists the tables or the actions that exist.
    public func checkScopes() throws {
        let actions = PermissionAction.allCases.map(\.rawValue)
        for resource in scopes.keys.sorted() {
            try Self.check(resource, "table", among: Schema.tables.map(\.name) + ["*"])
            for action in scopes[resource] ?? [] {
                try Self.check(action, "action", among: actions + ["*"])
            }
        }
    }

    private static func check(_ name: String, _ noun: String, among names: [String]) throws {
        guard !names.contains(name) else { return }
        throw StoreError(
            .invalidValue,
            "There is no \(noun) \"\(name)\"; the \(noun)s are \(names.joined(separator: ", ")).",
            entity: APIKey.entityName, field: "permissions")
    }
}
