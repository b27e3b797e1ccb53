extension Store {
    /// Gives a user a password, or takes it away.
    ///
    /// - Parameters:
    ///   - password: 8 to 1024 bytes of UTF-8, or `nil` for none: such a user acts through API
    ///     keys, or is let in by the program that has checked who they are.
    ///   - user: Whose password it is.
    /// - Throws: `.invalidValue` when the password is shorter or longer; `.notFound`.
    public func setPassword(
        _ password: Secret<String>?, for user: Identifier<User>
    ) async throws {
        try await setPassword(password, for: user, parameters: .current)
    }

    /// See ``setPassword(_:for:)``; with another cost, for tests.
    package func setPassword(
        _ password: Secret<String>?, for user: Identifier<User>,
        parameters: PasswordHash.Parameters
    ) async throws {
        var hash: String?
        if let password {
            hash = try await PasswordHash.hash(password, parameters: parameters)
        }
        try await withSystemAccess(reason: "A password is of no organization.") { [hash] access in
            try await access.write {
                try SQLRepository<User>($0.engine).setPasswordHash(hash, of: user)
            }
        }
    }

    /// Checks an address and a password, and notes the time.
    ///
    /// A wrong password, an unknown address, and a user who has no password or is inactive are
    /// refused in the same words after the same work, so that the answer does not tell who is a
    /// user. How often somebody may try is for the program to say.
    ///
    /// - Returns: The user, for ``Store/workspace(organization:as:)``.
    /// - Throws: `.permissionDenied`; `.corrupt` when the stored hash is none.
    public func signIn(email: String, password: Secret<String>) async throws -> Identifier<User> {
        try await signIn(email: email, password: password, parameters: .current)
    }

    /// See ``signIn(email:password:)``; with another current cost, for tests.
    package func signIn(
        email: String, password: Secret<String>, parameters: PasswordHash.Parameters
    ) async throws -> Identifier<User> {
        let refused = StoreError(
            .permissionDenied, "The e-mail address or the password is wrong.",
            entity: User.entityName)
        return try await withSystemAccess(reason: "Sign-in: not authenticated yet.") { access in
            let user = try await access.read { try $0.users.withEmail(email) }
            let verification = try await PasswordHash.verify(
                password, against: user?.passwordHash?.reveal(), current: parameters)
            guard let user, verification != .wrong else { throw refused }
            var newHash: String?
            if verification == .rightButOutdated {
                // A password that was long enough once is still one; its hash stays.
                newHash = try? await PasswordHash.hash(password, parameters: parameters)
            }
            let isIn = try await access.write { [newHash] in
                try SQLRepository<User>($0.engine).signIn(user, newHash: newHash)
            }
            guard isIn else { throw refused }
            return user.id
        }
    }
}
