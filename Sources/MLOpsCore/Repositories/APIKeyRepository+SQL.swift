import Crypto
import Foundation

extension SQLRepository: APIKeyRepository where Record == APIKey {
    func withPrefix(_ prefix: String) throws -> APIKey? {
        try first { $0.keyPrefix == prefix }
    }

    func of(user: Identifier<User>) throws -> [APIKey] {
        try all(where: { $0.userID == user }, order: { [$0.createdAt.ascending] })
    }

    func grant(
        _ permissions: APIKeyPermissions, to id: Identifier<APIKey>
    ) throws -> APIKey {
        try permissions.checkScopes()
        let key = try find(id, to: .write)
        guard permissions.isWithin(key.permissions) else {
            throw APIKey.denied(
                "The permissions of a key only become fewer; issue another key for more.",
                field: "permissions")
        }
        return try set("permissions = \(permissions.json)", of: key)
    }

    func expire(_ id: Identifier<APIKey>, at time: Date?) throws -> APIKey {
        let key = try find(id, to: .write)
        let time = time?.roundedToMicroseconds
        if let end = key.expiresAt, time.map({ $0 > end }) ?? true {
            throw APIKey.denied(
                "The end of a key only comes nearer; issue another key for longer.",
                field: "expires_at")
        }
        return try set("expires_at = \(time)", of: key)
    }

    func revoke(_ id: Identifier<APIKey>) throws -> APIKey {
        let key = try find(id, to: .write)
        try SQLRepository(transaction.unrestricted).inside(key).revokeIssued(by: id)
        if key.revokedAt != nil, !key.isActive { return key }
        return try set(
            "revoked_at = COALESCE(revoked_at, \(transaction.now)), is_active = \(false)", of: key,
            as: "revoke")
    }

    /// Revokes the keys that a key issued, whoever they act for.
    private func revokeIssued(by id: Identifier<APIKey>) throws {
        for key in try all(where: { $0.issuerKeyID == id && $0.revokedAt == nil }) {
            _ = try revoke(key.id)
        }
    }

    /// Revokes the keys of a user in an organization, so that none comes back with a restore.
    func revokeAll(
        of user: Identifier<User>, in organization: Identifier<Organization>
    ) throws {
        for key in try all(where: { $0.userID == user && $0.organizationID == organization }) {
            _ = try revoke(key.id)
        }
        try revokeSilently(
            "organization_id = \(organization) AND user_id = \(user)")
    }

    /// Revokes the keys that were deleted together with a key; their deletion is in the trail.
    fileprivate func revokeAll(deletedWith key: APIKey) throws {
        try revokeSilently(
            """
            organization_id = \(key.organizationID) AND deletion_id IN (\
            SELECT k.deletion_id FROM api_keys k \
            WHERE k.organization_id = \(key.organizationID) AND k.id = \(key.id))
            """)
    }

    /// Revokes the keys of a user in every organization, also in those that are deleted.
    func revokeAll(of user: Identifier<User>) throws {
        try revokeSilently("user_id = \(user)")
    }

    /// Revokes the keys that match a condition, live or deleted, and those that they issued.
    private func revokeSilently(_ condition: Fragment) throws {
        try transaction.execute(
            """
            UPDATE api_keys SET revoked_at = \(transaction.now), is_active = \(false) \
            WHERE revoked_at IS NULL AND (organization_id, id) IN (\
            WITH RECURSIVE below(organization_id, id) AS (\
            SELECT organization_id, id FROM api_keys WHERE \(condition) \
            UNION SELECT k.organization_id, k.id FROM below JOIN api_keys k \
            ON k.organization_id = below.organization_id AND k.issuer_key_id = below.id) \
            SELECT organization_id, id FROM below)
            """)
    }

    /// Stores a new key with its own prefix and hash.
    ///
    /// - Parameter old: The key that it replaces, whose place and limits it takes.
    func issue(_ key: APIKey, replacing old: APIKey? = nil) throws -> APIKey {
        var key = key
        if let old { key.limits = try limits(ofSuccessorTo: old) }
        if case .apiKey(let id, _) = transaction.principal {
            // A key that rotates itself takes its successor with it when it is revoked or deleted:
            // whoever stole the key could have made the successor.
            (key.issuerKeyID, key.limits.outlivesIssuer) = (id, id == old?.id)
        } else {
            key.issuerKeyID = old?.issuerKeyID
        }
        return try store(key, from: .engine)
    }

    /// The limits of a key, with the projects that its user has made since it was made.
    private func limits(ofSuccessorTo old: APIKey) throws -> APIKeyLimits {
        guard old.limits.areByProject else { return old.limits }
        let made = try transaction.rows(
            """
            SELECT id FROM projects WHERE organization_id = \(old.organizationID) \
            AND created_by = \(old.userID) AND created_at >= \(old.createdAt)
            """
        ) { try $0.next(Identifier<Project>.self) }
        return old.limits.owning(made)
    }
}

extension APIKey: StoredSoftDeletable {
    /// Bounds a new key by the rights and the time of whoever makes it.
    ///
    /// - Throws: `.permissionDenied`; `.invalidValue` for a scope that does not exist.
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> APIKey {
        guard let source else { return self }
        try permissions.checkScopes()
        if source == .history { return self }
        var key = self
        if source == .caller { key.resetToUnissued(by: transaction.principal) }
        guard let authority = try transaction.authority() else { return key }
        try key.checkRights(of: authority, in: transaction)
        key.limits = key.limits.bounded(by: try transaction.currentLimits())
        key.expiresAt = [key.expiresAt, authority.key?.expiresAt].compactMap(\.self).min()
        return key
    }

    /// Replaces what only issuing and rotation provide; no text opens the key.
    private mutating func resetToUnissued(by principal: Principal?) {
        keyPrefix = APIKeyToken.generate().prefix
        // Without the id of a pepper, no secret matches.
        keyHash = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }.hexadecimal
        limits = .none
        issuerKeyID = if case .apiKey(let id, _) = principal { id } else { nil }
    }

    /// Checks that a key gives no more than the principal has.
    ///
    /// A limited key cannot give another key more than it holds itself, and only owners make keys
    /// that act for an owner.
    ///
    /// - Throws: `.permissionDenied`.
    private func checkRights(of authority: Authority, in transaction: SQLTransaction) throws {
        try checkScopes(of: authority)
        guard userID != authority.userID, authority.role < .owner else { return }
        let membership = try transaction.unrestricted.memberships.membership(of: userID)
        guard membership?.role != .owner else {
            throw Self.denied("Only owners make keys that act for an owner.", field: "user_id")
        }
    }

    private func checkScopes(of authority: Authority) throws {
        guard let limits = authority.key?.permissions, !permissions.isWithin(limits) else { return }
        throw Self.denied(
            "A key cannot give another one more than it holds itself.", field: "permissions")
    }

    /// Checks who switches a key on: whoever could make it, and an admin at least.
    ///
    /// - Throws: `.permissionDenied`.
    func checkChange(to new: APIKey?, in transaction: SQLTransaction) throws {
        guard let new, let authority = try transaction.authority() else { return }
        try checkScopes(of: authority)
        guard new.isActive, !isActive else { return }
        try authority.check(.write, .organization(.admin), in: nil, of: Self.entityName)
        try checkRights(of: authority, in: transaction)
    }

    /// A deleted key is revoked for good, and so are those that it issued.
    func finishDelete(in transaction: SQLTransaction) throws {
        try SQLRepository(transaction).revokeAll(deletedWith: self)
    }

    fileprivate static func denied(_ message: String, field: String) -> StoreError {
        StoreError(.permissionDenied, message, entity: entityName, field: field)
    }
}
