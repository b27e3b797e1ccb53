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
            let standing = try Authority(of: userID, standing: &row)
            let permissions = try APIKeyPermissions(json: row.next())
            let isActive = try row.next(Bool.self)
            let revokedAt = try row.next(Date?.self)
            let expiresAt = try row.next(Date?.self)
            guard isActive, revokedAt == nil, expiresAt.map({ now < $0 }) ?? true else {
                throw Authority.unusableKey
            }
            let lastUsedAt = try row.next(Date?.self)
            return (standing.limited(to: permissions), lastUsedAt)
        }.first
        guard let (authority, lastUsedAt) = found else { throw Authority.unusableKey }
        if kind == .write, APIKey.isUseDue(lastUsedAt, at: now) {
            try execute(
                """
                UPDATE api_keys SET last_used_at = \(now) \
                WHERE organization_id = \(organizationID) AND id = \(keyID)
                """)
        }
        return authority
    }
}

extension SQLTransaction {
    private func visibility() throws -> Visibility? {
        guard let organizationID, let authority = try authority() else { return nil }
        return Visibility(
            organization: organizationID, authority: authority, dialect: connection.dialect)
    }

    /// The condition of the rows of a table, under an alias, that the principal sees.
    func visible(_ table: Table, as alias: String) throws -> Fragment {
        try visibility()?.rows(of: table, as: alias) ?? "TRUE"
    }

    /// The principal's own role in the project of each row, or NULL; see ``Visibility``.
    func projectRole(in table: Table, as alias: String) throws -> Fragment {
        try visibility()?.projectRole(in: table, as: alias) ?? "NULL"
    }
}
