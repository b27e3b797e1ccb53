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
        var key = try find(id, to: .write)
        key.permissions = permissions
        return try update(key)
    }

    func expire(_ id: Identifier<APIKey>, at time: Date?) throws -> APIKey {
        var key = try find(id, to: .write)
        key.expiresAt = time
        return try update(key)
    }

    func revoke(_ id: Identifier<APIKey>) throws -> APIKey {
        let key = try find(id, to: .write)
        if key.revokedAt != nil, !key.isActive { return key }
        return try set(
            "revoked_at = COALESCE(revoked_at, \(transaction.now)), is_active = \(false)", of: key,
            as: "revoke")
    }
}

extension APIKey: StoredSoftDeletable {
    /// Checks that a key grants no more than its creator has.
    ///
    /// A limited key cannot give another key more than it holds itself, and only owners create keys
    /// that act for an owner.
    ///
    /// - Throws: `.permissionDenied`; `.invalidValue` for a scope that does not exist.
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> APIKey {
        try permissions.checkScopes()
        guard let authority = try transaction.authority() else { return self }
        if let limits = authority.key, !permissions.isWithin(limits) {
            throw StoreError(
                .permissionDenied, "A key cannot give another one more than it holds itself.",
                entity: Self.entityName, field: "permissions")
        }
        guard source != nil, userID != authority.userID, authority.role < .owner else {
            return self
        }
        let membership = try transaction.unrestricted.memberships.membership(of: userID)
        guard membership?.role != .owner else {
            throw StoreError(
                .permissionDenied, "Only owners make keys that act for an owner.",
                entity: Self.entityName, field: "user_id")
        }
        return self
    }
}
