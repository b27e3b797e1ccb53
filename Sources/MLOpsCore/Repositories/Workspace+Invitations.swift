extension Workspace {
    /// Invites a person into the organization; creates a user without a password if needed.
    ///
    /// An invitation gives no rights until it is accepted. Deleting the membership revokes it.
    ///
    /// - Returns: The membership, whose `joinedAt` is `nil`.
    /// - Throws: `.permissionDenied` unless the principal is an admin, or an owner who invites an
    ///   owner; `.alreadyExists` for a member or an invited user; `.quotaExceeded`; `.invalidValue`
    ///   for an invalid address.
    @discardableResult
    public func invite(
        email: String, role: OrganizationRole = .member
    ) async throws -> OrganizationMembership {
        let inviter = principal.userID
        return try await store.withSystemAccess(
            reason: "An invitation finds or makes a user."
        ) { access in
            try await access.write { tx in
                let memberships = SQLRepository<OrganizationMembership>(
                    try tx.engine.acting(in: self))
                // Checked first: a principal who may not invite does not learn who is a user.
                try memberships.allowInsert(
                    OrganizationMembership(user: .unassigned, role: role), in: nil)
                let user = try tx.findOrInsert {
                    try tx.users.withEmail(email)
                } insert: {
                    try tx.users.insert(User(email: email, createdBy: inviter))
                }.value.id
                return try memberships.insert(
                    OrganizationMembership(user: user, role: role, invitedBy: inviter))
            }
        }
    }
}

extension Store {
    /// Accepts an invitation on behalf of a user whom the program has authenticated.
    ///
    /// Accepting twice changes nothing.
    ///
    /// - Throws: `.notFound` when there is none; `.permissionDenied` when the user is inactive.
    @discardableResult
    public func acceptInvitation(
        to organization: Identifier<Organization>, as user: Identifier<User>
    ) async throws -> OrganizationMembership {
        try await answerInvitation(to: organization, as: user) { try $0.accept() }
    }

    /// Declines an invitation on behalf of a user whom the program has authenticated.
    ///
    /// - Throws: `.notFound` when there is none; `.conflict` when it was accepted before, so that
    ///   the user can only leave; `.permissionDenied` when the user is inactive.
    public func declineInvitation(
        to organization: Identifier<Organization>, as user: Identifier<User>
    ) async throws {
        try await answerInvitation(to: organization, as: user) { memberships in
            let membership = try memberships.membership(of: user)
            guard membership?.joinedAt == nil, membership?.invitedBy != nil else {
                throw StoreError(
                    membership == nil ? .notFound : .conflict,
                    "The user \(user) has no invitation that waits for an answer.",
                    entity: OrganizationMembership.entityName)
            }
            try memberships.leave()
        }
    }

    private func answerInvitation<Value: Sendable>(
        to organization: Identifier<Organization>, as user: Identifier<User>,
        _ answer: @escaping @Sendable (any OrganizationMembershipRepository) throws -> Value
    ) async throws -> Value {
        try await withSystemAccess(reason: "Who is only invited has no workspace.") { access in
            try await access.write { tx in
                guard try tx.users.find(user).isActive else { throw Authority.unknown }
                return try answer(tx.scoped(to: organization, as: .user(user)).memberships)
            }
        }
    }
}
