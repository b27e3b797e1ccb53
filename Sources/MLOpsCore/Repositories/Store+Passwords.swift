extension Store {
    /// Sets the password of a user, or removes it.
    ///
    /// - Parameters:
    ///   - password: 8 to 1024 bytes of UTF-8, or `nil` for none. A user without a password acts
    ///     through API keys, or after the program has authenticated them in another way.
    ///   - user: The user.
    /// - Throws: `.invalidValue` when the length is out of range; `.notFound`.
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

    /// Verifies an e-mail address and a password, and records the time of the sign-in.
    ///
    /// A wrong password, an unknown address, an inactive user and a user without a password get the
    /// same answer after the same work, so that it does not reveal which addresses have a user. The
    /// program has to limit the number of attempts.
    ///
    /// - Returns: The user, for ``Store/workspace(organization:as:)``.
    /// - Throws: `.permissionDenied`; `.corrupt` when the stored hash cannot be read.
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
            guard let user, verification != .wrong else {
                await access.noteRefusedSignIn(of: user)
                throw refused
            }
            var newHash: String?
            if verification == .rightButOutdated {
                // If the password is shorter than today's minimum, hashing fails and the old hash
                // stays.
                newHash = try? await PasswordHash.hash(password, parameters: parameters)
            }
            let isIn = try await access.write { [newHash] in
                try SQLRepository<User>($0.engine).signIn(user, newHash: newHash)
            }
            guard isIn else {
                await access.noteRefusedSignIn(of: user)
                throw refused
            }
            return user.id
        }
    }
}

extension SystemAccess {
    /// Records a refused sign-in, if the store is configured to.
    ///
    /// An error of recording, as in a store that may only be read, does not replace the refusal.
    fileprivate func noteRefusedSignIn(of user: User?) async {
        guard store.auditedAccess.contains(.failedSignIns) else { return }
        try? await engine(writing: true) {
            try $0.note("refuse_sign_in", User.self, user?.id, in: nil, [:])
        }
    }
}
