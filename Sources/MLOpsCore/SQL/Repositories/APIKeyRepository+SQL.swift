extension SQLRepository: APIKeyRepository where Record == APIKey {
    func withPrefix(_ prefix: String) throws -> APIKey? {
        try first { $0.keyPrefix == prefix }
    }

    func of(user: Identifier<User>) throws -> [APIKey] {
        try all(where: { $0.userID == user }, order: { [$0.createdAt.ascending] })
    }

    func revoke(_ id: Identifier<APIKey>) throws -> APIKey {
        let key = try find(id, to: .write)
        if key.revokedAt != nil, !key.isActive { return key }
        return try set(
            "revoked_at = COALESCE(revoked_at, \(transaction.now)), is_active = \(false)", of: key,
            as: "revoke")
    }
}
