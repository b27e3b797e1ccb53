public import Foundation

/// The keys of programs.
public protocol APIKeyRepository: SoftDeletableRepository where Record == APIKey {
    /// The live key with this public part, or `nil`; it may be revoked or expired.
    func withPrefix(_ prefix: String) throws -> APIKey?

    /// The live keys of a user, oldest first, the revoked and expired included.
    func of(user: Identifier<User>) throws -> [APIKey]

    /// Gives a key fewer permissions; only a new key has more.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` for permissions that the key does not hold;
    ///   `.invalidValue` for scopes that do not exist.
    @discardableResult
    func grant(_ permissions: APIKeyPermissions, to id: Identifier<APIKey>) throws -> APIKey

    /// Sets an earlier end of a key; `nil` is for a key without an end.
    ///
    /// - Throws: `.notFound`; `.permissionDenied` for a later end.
    @discardableResult
    func expire(_ id: Identifier<APIKey>, at time: Date?) throws -> APIKey

    /// Ends a key's validity for good and returns the key; a second call changes nothing.
    ///
    /// The keys that it issued are revoked with it. A deletion revokes in the same way.
    ///
    /// - Throws: `.notFound`.
    @discardableResult
    func revoke(_ id: Identifier<APIKey>) throws -> APIKey
}
