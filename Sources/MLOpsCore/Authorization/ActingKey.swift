import Foundation

/// An API key in use, with what it may do.
struct ActingKey: Sendable {
    let id: Identifier<APIKey>
    private(set) var permissions: APIKeyPermissions
    private(set) var expiresAt: Date?
    let limits: APIKeyLimits
    let createdAt: Date
    /// The key that issued this one, until it was taken into account.
    private(set) var issuer: Identifier<APIKey>?
    /// Whether it replaced ``issuer``, so that it stays valid when that key expires.
    private(set) var outlivesIssuer: Bool

    /// The projects that it is limited to; `nil` for every project of its user.
    var projects: [Identifier<Project>]? { permissions.projects }

    /// The columns that are read of a key, under the alias `k`.
    static let columns = """
        k.permissions, k.is_active, k.revoked_at, k.expires_at, k.issuer_key_id, k.limits, \
        k.created_at
        """

    /// Reads ``columns``.
    ///
    /// - Parameter now: The time at which the key must not have expired; `nil` if it may have.
    /// - Throws: `.permissionDenied` when the key is switched off, revoked or expired.
    init(_ id: Identifier<APIKey>, from row: inout RowDecoder, at now: Date?) throws {
        self.id = id
        permissions = try APIKeyPermissions(json: row.next())
        let isActive = try row.next(Bool.self)
        let revokedAt = try row.next(Date?.self)
        expiresAt = try row.next(Date?.self)
        issuer = try row.next(Identifier<APIKey>?.self)
        limits = try APIKeyLimits(json: row.next())
        createdAt = try row.next(Date.self)
        outlivesIssuer = limits.outlivesIssuer
        guard isActive, revokedAt == nil else { throw Authority.unusableKey }
        if let now, let expiresAt, now >= expiresAt { throw Authority.unusableKey }
    }

    /// The key with no more scopes and time than the key that issued it has now.
    ///
    /// A key that replaced its issuer got the issuer's time when it was made.
    /// Its limits are within those of the issuer from the start.
    func bounded(by issuer: ActingKey) -> ActingKey {
        var key = self
        key.permissions = permissions.intersection(issuer.permissions)
        if !outlivesIssuer {
            key.expiresAt = [expiresAt, issuer.expiresAt].compactMap(\.self).min()
        }
        (key.issuer, key.outlivesIssuer) = (issuer.issuer, issuer.outlivesIssuer)
        return key
    }
}
