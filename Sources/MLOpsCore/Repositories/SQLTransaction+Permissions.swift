import Foundation

extension SQLTransaction {
    /// Checks that the principal may perform an action on rows of a table.
    ///
    /// - Throws: `.permissionDenied` when a key's scopes do not allow it, the principal may not see
    ///   the audit trail, or the organization is deleted.
    func allow<Record: TableMapped>(_ action: PermissionAction, on type: Record.Type) throws {
        try checkOpen()
        let isTrail = Record.table.trail == .itself
        if let authority = try authority() {
            try authority.check(action, on: Record.table)
            if isTrail {
                try authority.check(action, .organization(.admin), in: nil, of: Record.entityName)
            }
        }
        // Reading the audit trail includes the entries of this transaction.
        if isTrail, kind == .write { try writeTrail() }
    }

    /// Checks that the principal may perform an action on a row that they see.
    ///
    /// - Parameter role: The principal's own role in the row's project.
    /// - Throws: `.permissionDenied`.
    func require<Record: TableMapped>(
        _ action: PermissionAction, _ record: Record, in role: ProjectRole?
    ) throws {
        guard let authority = try authority() else { return }
        try authority.check(
            action, record.requirement(to: action, by: authority.userID), in: role,
            of: Record.entityName)
    }
}

extension SQLTransaction {
    /// Checks that the principal has a role that an action takes, whatever the row.
    ///
    /// - Throws: `.permissionDenied`.
    func require(
        _ requirement: Requirement, to action: PermissionAction, in role: ProjectRole?,
        of entity: String
    ) throws {
        try authority()?.check(action, requirement, in: role, of: entity)
    }
}

extension SQLTransaction {
    /// Reads what the principal may do, in one statement that uses indexes.
    ///
    /// A write transaction also updates the `last_used_at` of an API key when that is due.
    ///
    /// - Throws: `.permissionDenied` when the principal may not act in the organization.
    func readAuthority() throws -> Authority {
        guard let organizationID, let principal else { throw Authority.unknown }
        let ids = [StoredValue.uuid(organizationID.uuid), .uuid(principal.userID.uuid)]
        guard case .apiKey(let keyID, let userID) = principal else {
            let statement = Fragment(Authority.selectionByUser, ids)
            return try rows(statement) { try Authority(of: principal.userID, standing: &$0) }.first
                ?? { throw Authority.unknown }()
        }
        let found = try rows(
            Fragment(Authority.selectionByKey, ids + [.uuid(keyID.uuid)])
        ) { [now] row in
            (
                standing: try Authority(of: userID, standing: &row),
                key: try ActingKey(keyID, from: &row, at: now),
                lastUsedAt: try row.next(Date?.self)
            )
        }.first
        guard let (standing, key, lastUsedAt) = found else { throw Authority.unusableKey }
        let authority = standing.limited(to: try boundedByIssuers(key))
        if kind == .write, APIKey.isUseDue(lastUsedAt, at: now) {
            try execute(
                """
                UPDATE api_keys SET last_used_at = \(now) \
                WHERE organization_id = \(organizationID) AND id = \(keyID)
                """)
        }
        return authority
    }

    /// The key with no more than every key above it has; none of them may have ended.
    ///
    /// The users of these keys have to be active.

    /// A key that was replaced by the next one may have expired.
    private func boundedByIssuers(_ key: ActingKey) throws -> ActingKey {
        var key = key
        var ids: Set = [key.id]
        while let id = key.issuer {
            let issuer = try rows(
                """
                SELECT \(raw: ActingKey.columns) FROM api_keys k \
                JOIN users u ON u.id = k.user_id AND u.deleted_at IS NULL \
                WHERE k.organization_id = \(organizationID) AND k.id = \(id) \
                AND k.deleted_at IS NULL AND u.is_active = \(true)
                """
            ) { [now, key] in
                try ActingKey(id, from: &$0, at: key.outlivesIssuer ? nil : now)
            }.first
            guard ids.insert(id).inserted, let issuer else { throw Authority.unusableKey }
            key = key.bounded(by: issuer)
        }
        return key
    }
}

extension SQLTransaction {
    /// What the principal may do now, as the limits of the keys that they make.
    func currentLimits() throws -> APIKeyLimits {
        guard let visibility = try visibility() else { return .none }
        let (role, key) = (visibility.authority.role, visibility.authority.key)
        // What a key makes, its maker made.
        let maker =
            key.map { $0.limits.maker ?? visibility.authority.userID }
            ?? visibility.authority.userID
        if role >= .admin { return APIKeyLimits(role: role, maker: maker) }
        let roles = try rows(visibility.projectRoles()) {
            (try $0.next(Identifier<Project>.self), try $0.next(ProjectRole.self))
        }
        return APIKeyLimits(
            role: role, projects: Dictionary(roles, uniquingKeysWith: min), maker: maker)
    }

    private func visibility() throws -> Visibility? {
        guard let organizationID, let authority = try authority() else { return nil }
        return Visibility(
            organization: organizationID, authority: authority, dialect: connection.dialect)
    }

    /// The condition of the rows of a table, under an alias, that the principal sees.
    func visible(_ table: Table, as alias: String) throws -> Fragment {
        try visibility()?.rows(of: table, as: alias) ?? "TRUE"
    }

    /// Whether the principal maintains any project.
    func maintainsAny() throws -> Fragment { try visibility()?.maintainsAny() ?? "TRUE" }

    /// The principal's own role in the project of each row, or NULL; see ``Visibility``.
    func projectRole(in table: Table, as alias: String) throws -> Fragment {
        try visibility()?.projectRole(in: table, as: alias) ?? "NULL"
    }
}
