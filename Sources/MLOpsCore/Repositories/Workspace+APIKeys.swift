import Foundation

/// A new API key with its text, which is not stored and cannot be read again.
public struct IssuedAPIKey: Sendable, Hashable {
    /// The key as it is stored.
    public let key: APIKey
    /// The text for the program, `mlops_<environment>_<locator><secret><checksum>`.
    public let token: Secret<String>
}

extension Workspace {
    /// Makes an API key; only the result contains its text, which is not stored.
    ///
    /// The key never does more than its maker could at this time, nor more than its user may when
    /// it is used. A key that is issued with another key ends with it at the latest.
    ///
    /// - Parameters:
    ///   - name: The purpose of the key.
    ///   - permissions: What the program may do; it never exceeds the user's own rights.
    ///   - user: The user for whom the key acts, a member of the organization; the acting user by
    ///     default.
    ///   - environment: A part of the text by which people tell keys apart, 1 to 16 characters of
    ///     `a-z` and `0-9`.
    ///   - lifetime: The time until it expires, 90 days by default; `nil` for never.
    /// - Throws: `.missingKey` when the store has no peppers; `.invalidValue` for an invalid
    ///   environment, action or lifetime; `.notFound` when the user is not a member;
    ///   `.permissionDenied` when the principal may not make such a key.
    public func issueAPIKey(
        name: String, permissions: APIKeyPermissions, for user: Identifier<User>? = nil,
        environment: String = "live", expiresIn lifetime: Duration? = .seconds(90 * 24 * 3600)
    ) async throws -> IssuedAPIKey {
        let peppers = try store.keys.requirePeppers()
        let token = try APIKeyToken.make(environment: environment)
        guard lifetime.map({ $0 > .zero }) ?? true else {
            throw APIKey.invalid("A key's lifetime is longer than nothing.", field: "expires_at")
        }
        let now = store.clock()
        let key = APIKey(
            user: user ?? principal.userID, name: name, keyPrefix: token.prefix,
            keyHash: token.hash(with: peppers), permissions: permissions,
            expiresAt: lifetime.map { now + $0.timeInterval }, createdAt: now)
        let stored = try await write { try SQLRepository<APIKey>($0.engine).issue(key) }
        return IssuedAPIKey(key: stored, token: token.text)
    }

    /// Replaces an API key: makes a successor, and expires the old key after an overlap.
    ///
    /// The successor has the same name, user, permissions, environment and lifetime. A key that
    /// rotates itself gains no time: the successor ends when the key would have ended, and it is
    /// revoked or deleted with that key.
    ///
    /// - Parameters:
    ///   - id: The key to replace.
    ///   - overlap: How long both keys are valid; the old one never expires later than before.
    /// - Throws: `.notFound`; `.conflict` when the old key is revoked, expired or switched off;
    ///   `.invalidValue` for a negative overlap; the errors of
    ///   ``issueAPIKey(name:permissions:for:environment:expiresIn:)``.
    public func rotateAPIKey(
        _ id: Identifier<APIKey>, overlap: Duration = .seconds(24 * 3600)
    ) async throws -> IssuedAPIKey {
        let peppers = try store.keys.requirePeppers()
        guard overlap >= .zero else {
            throw APIKey.invalid("An overlap is not below zero.", field: "expires_at")
        }
        let now = store.clock()
        return try await write { tx in
            let old = try tx.apiKeys.find(id)
            guard old.isUsable(at: now) else {
                throw StoreError(
                    .conflict, "The API key has expired or is revoked; make a new one.",
                    entity: APIKey.entityName)
            }
            let token = APIKeyToken.generate(environment: APIKeyToken.environment(of: old))
            let key = try SQLRepository<APIKey>(tx.engine).issue(
                APIKey(
                    user: old.userID, name: old.name, keyPrefix: token.prefix,
                    keyHash: token.hash(with: peppers), permissions: old.permissions,
                    expiresAt: old.expiresAt.map { now + $0.timeIntervalSince(old.createdAt) },
                    createdAt: now),
                replacing: old)
            let end = now + overlap.timeInterval
            try tx.apiKeys.expire(id, at: min(old.expiresAt ?? end, end))
            return IssuedAPIKey(key: key, token: token.text)
        }
    }
}

extension APIKeyToken {
    /// Makes a new key.
    ///
    /// - Throws: `.invalidValue` for an invalid environment.
    fileprivate static func make(environment: String) throws -> APIKeyToken {
        guard isEnvironment(environment) else {
            throw APIKey.invalid(
                "The environment of a key is 1 to 16 characters of a-z and 0-9.",
                field: "key_prefix")
        }
        return generate(environment: environment)
    }

    /// The environment in the prefix of a stored key.
    fileprivate static func environment(of key: APIKey) -> String {
        let parts = key.keyPrefix.split(separator: "_", omittingEmptySubsequences: false)
        return parts.count == 3 && isEnvironment(parts[1]) ? String(parts[1]) : "live"
    }
}

extension APIKey {
    fileprivate static func invalid(_ message: String, field: String) -> StoreError {
        StoreError(.invalidValue, message, entity: entityName, field: field)
    }
}
