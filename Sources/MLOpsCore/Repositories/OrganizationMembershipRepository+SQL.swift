extension SQLRepository: OrganizationMembershipRepository where Record == OrganizationMembership {
    func membership(of user: Identifier<User>) throws -> OrganizationMembership? {
        try first { $0.userID == user }
    }

    func members() throws -> [OrganizationMember] {
        try transaction.allow(.read, on: User.self)
        return try transaction.rows(
            """
            SELECT \(User.table.columns(of: "u")), \(Record.table.columns(of: "m"))
            FROM organization_memberships m
            JOIN users u ON u.id = m.user_id
            WHERE \(try scope(as: "m")) AND m.deleted_at IS NULL AND u.deleted_at IS NULL
            ORDER BY u.email, m.id
            """
        ) { row in
            let user = try User(from: &row)
            let membership = try Record(from: &row)
            return OrganizationMember(
                user: membership.hasJoined ? user : user.asStranger, membership: membership)
        }
    }

    func of(user: Identifier<User>) throws -> [OrganizationMembership] {
        try all(where: { $0.userID == user }, order: { [$0.createdAt.ascending] })
    }

    func changeRole(
        of user: Identifier<User>, to role: OrganizationRole
    ) throws -> OrganizationMembership {
        let current = try find(try only(of: user).id, to: .write)
        var changed = current
        changed.role = role
        try transaction.require(.write, changed, in: nil)
        if current.role == role { return current }
        try current.checkChange(to: changed, in: transaction)
        return try set("role = \(role)", of: current, as: "change_role")
    }

    func accept() throws -> OrganizationMembership {
        let invitation = try only(of: transaction.actingUser())
        if invitation.joinedAt != nil || invitation.invitedBy == nil { return invitation }
        return try set("joined_at = \(transaction.now)", of: invitation, as: "accept")
    }

    func leave() throws -> Deletion { try delete(only(of: transaction.actingUser()).id) }

    /// The membership of a user in the transaction's organization.
    private func only(of user: Identifier<User>) throws -> OrganizationMembership {
        guard transaction.organizationID != nil else {
            throw StoreError(
                .invalidValue,
                "A membership belongs to an organization; use `scoped(to:as:)` first.",
                entity: Record.entityName, field: "organization_id")
        }
        guard let membership = try membership(of: user) else {
            throw StoreError(
                .notFound, "The user \(user) is no member of this organization.",
                entity: Record.entityName, field: "user_id")
        }
        return membership
    }
}

extension OrganizationMembership: StoredSoftDeletable {
    /// Keeps the time at which the member joined, which only accepting an invitation sets.
    func replacing(_ current: Self) -> Self {
        var membership = self
        membership.joinedAt = current.joinedAt
        return membership
    }

    /// Checks that the user exists.
    ///
    /// On PostgreSQL a user is seen only through a membership, so the check follows the insert.
    ///
    /// - Throws: `.notFound`.
    func finishInsert(from source: InsertSource, in transaction: SQLTransaction) throws {
        let count = try transaction.integer(
            "SELECT count(*) FROM users WHERE id = \(userID) AND deleted_at IS NULL")
        guard count == 0 else { return }
        throw transaction.refused(
            StoreError(
                .notFound, "There is no user \(userID).", entity: User.entityName,
                field: "user_id"))
    }

    /// Revokes the member's API keys and deletes their project roles in the organization.
    ///
    /// They do not return with a restored or a new membership, nor with a deleted project, and must
    /// be given again.
    func finishDelete(in transaction: SQLTransaction) throws {
        let (user, organization) = (userID, organizationID)
        try SQLRepository<APIKey>(transaction.unrestricted).revokeAll(of: user, in: organization)
        let roles = SQLRepository<ProjectMember>(transaction.unrestricted)
        for role in try roles.all(where: { $0.userID == user && $0.organizationID == organization })
        {
            try roles.delete(role.id)
        }
        try roles.detachDeleted("user_id = \(user) AND organization_id = \(organization)")
    }

    /// Checks that the organization keeps an owner who can act.
    ///
    /// - Throws: `.conflict` when the last such owner would leave, or lose the role.
    func checkChange(
        to new: OrganizationMembership?, in transaction: SQLTransaction
    ) throws {
        guard isOfOwner, new?.isOfOwner != true else { return }
        try transaction.checkOwner(of: organizationID, besides: userID)
    }

    /// Whether the member is an owner, and no longer only invited.
    var isOfOwner: Bool { role == .owner && hasJoined }

    /// Whether the member has accepted the invitation, or was not invited.
    var hasJoined: Bool { invitedBy == nil || joinedAt != nil }
}

extension SQLTransaction {
    /// Checks that an organization, which may be deleted, has another owner who can act.
    ///
    /// - Throws: `.conflict`.
    func checkOwner(
        of organization: Identifier<Organization>, besides user: Identifier<User>
    ) throws {
        // Locked, so that the last two owners cannot both leave at the same time.
        try SQLRepository<Organization>(self).lock(organization)
        guard try owners(of: organization).contains(where: { $0 != user }) else {
            throw StoreError(
                .conflict,
                "The last owner of an organization stays; make somebody else an owner first, or "
                    + "purge the organization if it is deleted.",
                entity: OrganizationMembership.entityName, field: "role")
        }
    }

    /// The owners of an organization who can act: they are active, and have joined.
    func owners(of organization: Identifier<Organization>) throws -> [Identifier<User>] {
        try rows(
            """
            SELECT u.id FROM organization_memberships m JOIN users u ON u.id = m.user_id \
            JOIN organizations o ON o.id = m.organization_id \
            WHERE o.id = \(organization) AND \(Self.isOwner) \
            AND u.deleted_at IS NULL AND u.is_active = \(true)
            """
        ) { try $0.next(Identifier<User>.self) }
    }

    /// Whether a membership `m` is that of an owner who has joined the organization `o`.
    ///
    /// One that was deleted with its organization comes back with it.
    static var isOwner: Fragment {
        """
        m.role = \(OrganizationRole.owner) AND (m.invited_by IS NULL OR m.joined_at IS NOT NULL) \
        AND (m.deleted_at IS NULL OR m.deletion_id = o.deletion_id)
        """
    }
}
