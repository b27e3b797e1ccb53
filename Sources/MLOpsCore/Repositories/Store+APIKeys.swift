extension Store {
    /// Opens the workspace of an API key's organization, acting for the key's user.
    ///
    /// The key's time of last use is updated at most once a minute.
    ///
    /// - Parameter apiKey: The text of the key, from ``IssuedAPIKey/token``.
    /// - Throws: `.missingKey` when the store has no peppers; `.invalidValue`, without a query,
    ///   when the text is malformed or has a typo; `.permissionDenied`, always with the same
    ///   message, when there is no such key, it is revoked, expired or switched off, or its user
    ///   may not act in its organization.
    public func workspace(apiKey: Secret<String>) async throws -> Workspace {
        let token = try APIKeyToken(parsing: apiKey.reveal())
        return try await withSystemAccess(reason: "to find whose an API key is") { access in
            let peppers = try access.store.keys.requirePeppers()
            let key = try await access.read { try $0.apiKeys.withPrefix(token.prefix) }
            let now = clock()
            guard token.matches(key?.keyHash, peppers: peppers), let key, key.isUsable(at: now)
            else {
                await access.noteRefusal(of: key)
                throw APIKey.refused
            }
            let workspace = access.workspace(
                key.organizationID, as: .apiKey(key.id, user: key.userID))
            do {
                // Every transaction checks the rights; a write transaction also records the use.
                if APIKey.isUseDue(key.lastUsedAt, at: now) {
                    do {
                        try await workspace.write { _ in }
                    } catch let error as StoreError where error.code == .readOnly {
                        // A store that may only be read does not record the use.
                        try await workspace.read { _ in }
                    }
                } else {
                    try await workspace.read { _ in }
                }
            } catch let error as StoreError where error.code == .permissionDenied {
                await access.noteRefusal(of: key)
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

extension SystemAccess {
    /// Records that a key was refused, if the store is configured to.
    ///
    /// An error of recording, as in a store that may only be read, does not replace the refusal.
    fileprivate func noteRefusal(of key: APIKey?) async {
        guard store.auditedAccess.contains(.refusedKeys) else { return }
        try? await engine(writing: true) {
            try $0.note("refuse", APIKey.self, key?.id, in: key?.organizationID, [:])
        }
    }
}
