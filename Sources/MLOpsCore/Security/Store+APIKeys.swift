extension Store {
    /// Opens the workspace of an API key: that of its organization, acting for its user.
    ///
    /// The time of its last use is written when the last one is a minute ago.
    ///
    /// - Parameter apiKey: The text of the key, as ``IssuedAPIKey/token`` gave it.
    /// - Throws: `.missingKey` when the store has no peppers; `.invalidValue`, without a look at
    ///   the database, when the text is no API key or has a typo; `.permissionDenied`, always in
    ///   the same words, when there is no such key, it is revoked, expired or switched off, or its
    ///   user may not act in its organization.
    public func workspace(apiKey: Secret<String>) async throws -> Workspace {
        let token = try APIKeyToken(parsing: apiKey.reveal())
        return try await withSystemAccess(reason: "to find whose an API key is") { access in
            let peppers = try access.store.keys.requirePeppers()
            let key = try await access.read { try $0.apiKeys.withPrefix(token.prefix) }
            let now = clock()
            guard token.matches(key?.keyHash, peppers: peppers), let key, key.isUsable(at: now)
            else { throw APIKey.refused }
            let workspace = access.workspace(
                key.organizationID, as: .apiKey(key.id, user: key.userID))
            do {
                // Every transaction reads the rights anew, and one that writes notes the use.
                if APIKey.isUseDue(key.lastUsedAt, at: now) {
                    try await workspace.write { _ in }
                } else {
                    try await workspace.read { _ in }
                }
            } catch let error as StoreError where error.code == .permissionDenied {
                throw APIKey.refused
            }
            return workspace
        }
    }
}

extension APIKey {
    fileprivate static let refused = StoreError(
        .permissionDenied, "The API key is not valid.", entity: entityName)
}
