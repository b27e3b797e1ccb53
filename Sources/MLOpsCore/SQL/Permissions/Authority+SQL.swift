import Foundation

extension SQLTransaction {
    /// What the actor may do, found through keys by one statement.
    ///
    /// - Throws: `.permissionDenied` when they may not act in the organization at all.
    func readAuthority() throws -> Authority {
        guard let organizationID, let actor else { throw Authority.unknown }
        guard case .apiKey(let keyID, let userID) = actor else {
            return try rows(
                """
                SELECT \(raw: Self.standing) FROM \(standing(of: actor.userID, in: organizationID))
                """
            ) { try Authority(of: actor.userID, standing: &$0) }.first
                ?? { throw Authority.unknown }()
        }
        let found = try rows(
            """
            SELECT \(raw: Self.standing), k.permissions, k.is_active, k.revoked_at, \
            k.expires_at, k.last_used_at \
            FROM \(standing(of: userID, in: organizationID)) \
            AND k.id = \(keyID) AND k.user_id = u.id AND k.deleted_at IS NULL
            """
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

    private static let standing = """
        o.is_active, o.subscription_status, o.deletion_id, u.is_active, m.role, m.invited_by, \
        m.joined_at
        """

    /// A deleted organization took its members along, and its owner may bring it back.
    private func standing(
        of user: Identifier<User>, in organization: Identifier<Organization>
    ) -> Fragment {
        let keys: Fragment =
            if case .apiKey = actor {
                "JOIN api_keys k ON k.organization_id = o.id"
            } else {
                ""
            }
        return """
            organizations o \
            JOIN organization_memberships m ON m.organization_id = o.id \
            JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL \
            \(keys) WHERE o.id = \(organization) AND m.user_id = \(user) \
            AND (m.deleted_at IS NULL OR m.deletion_id = o.deletion_id)
            """
    }
}

extension Authority {
    static let unknown = StoreError(
        .permissionDenied, "The user is not an active member of the organization.")

    static let unusableKey = StoreError(
        .permissionDenied, "The API key is not one that the user can act with.")

    /// Reads the columns of ``SQLTransaction``'s statement.
    fileprivate init(of user: Identifier<User>, standing row: inout RowDecoder) throws {
        let isActive = try row.next(Bool.self)
        let status = try row.next(SubscriptionStatus.self)
        let deletion = try row.next(Identifier<Deletion>?.self)
        guard isActive, status != .suspended else {
            throw StoreError(.permissionDenied, "The organization is not active.")
        }
        let userIsActive = try row.next(Bool.self)
        userID = user
        role = try row.next()
        key = nil
        organizationIsDeleted = deletion != nil
        let invitedBy = try row.next(Identifier<User>?.self)
        let joinedAt = try row.next(Date?.self)
        guard userIsActive else { throw Self.unknown }
        guard invitedBy == nil || joinedAt != nil else {
            throw StoreError(.permissionDenied, "The invitation is not accepted yet.")
        }
    }

    fileprivate func limited(to permissions: APIKeyPermissions) -> Authority {
        Authority(
            userID: userID, role: role, key: permissions,
            organizationIsDeleted: organizationIsDeleted)
    }
}
