import Foundation

extension SQLRepository: UserRepository where Record == User {
    func withEmail(_ email: String) throws -> User? {
        let address = EmailAddress.normalized(email)
        return try first { $0.email == address }
    }

    func deactivate(_ id: Identifier<User>) throws -> User {
        try setActive(false, id, as: "deactivate")
    }

    func activate(_ id: Identifier<User>) throws -> User {
        try setActive(true, id, as: "activate")
    }

    private func setActive(
        _ isActive: Bool, _ id: Identifier<User>, as verb: String
    ) throws -> User {
        try checkSystemAccess()
        let user = try find(id, to: .write)
        if user.isActive == isActive { return user }
        if !isActive { try user.checkIsNoLastOwner(in: transaction) }
        return try set("is_active = \(isActive)", of: user, as: verb)
    }

    func erase(_ id: Identifier<User>) throws -> User {
        try transaction.checkWritable()
        try checkSystemAccess()
        let user = try find(id, to: .write, onlyLive: false)
        try user.checkIsNoLastOwner(in: transaction, alsoOfDeleted: true)
        return try transaction.savepoint {
            let memberships = SQLRepository<OrganizationMembership>(transaction)
            for membership in try memberships.of(user: id) {
                _ = try memberships.delete(membership.id)
            }
            try SQLRepository<APIKey>(transaction).revokeAll(of: id)
            try detachDeletedMemberships(of: id, except: nil)
            let erased = try transaction.rows(
                """
                UPDATE users SET email = \("erased-\(id)@erased.invalid"), password_hash = NULL, \
                first_name = '', last_name = '', avatar_url = NULL, \
                settings = \([:] as JSONValue), \
                is_active = \(false), updated_at = \(transaction.now), revision = revision + 1 \
                WHERE id = \(id) RETURNING \(raw: table.selectList)
                """, User.init(from:)
            ).first
            guard let erased else { throw StoreError.notFound(User.self, id) }
            try noteChange("erase", from: user.storedValues(), to: erased)
            return erased
        }
    }
}

extension SQLRepository where Record == User {
    /// Keeps a user's deleted memberships from coming back with a project or an organization.
    ///
    /// - Parameter deletion: The deletion with which they come back nevertheless.
    fileprivate func detachDeletedMemberships(
        of id: Identifier<User>, except deletion: Identifier<Deletion>?
    ) throws {
        let others: Fragment = deletion.map { "deletion_id <> \($0)" } ?? "TRUE"
        let condition: Fragment = "user_id = \(id) AND \(others)"
        try SQLRepository<OrganizationMembership>(transaction).detachDeleted(condition)
        try SQLRepository<ProjectMember>(transaction).detachDeleted(condition)
    }
}

// MARK: - Passwords

extension SQLRepository where Record == User {
    /// Sets the hash of a user's password, or removes it.
    func setPasswordHash(_ hash: String?, of id: Identifier<User>) throws {
        let user = try find(id, to: .write)
        if hash == nil, user.passwordHash == nil { return }
        try set("password_hash = \(hash)", of: user, as: "set_password")
    }

    /// Records a sign-in, unless the user is inactive or has another password by now.
    ///
    /// - Parameters:
    ///   - user: The user whose password was checked.
    ///   - newHash: A new hash of the same password; `nil` keeps the stored one.
    /// - Returns: Whether the sign-in was recorded.
    func signIn(_ user: User, newHash: String?) throws -> Bool {
        let current = try find(user.id, to: .write)
        guard current.isActive, let hash = current.passwordHash, hash == user.passwordHash else {
            return false
        }
        try set(
            "last_login_at = \(transaction.now), password_hash = \(newHash ?? hash.reveal())",
            of: current, as: "sign_in")
        return true
    }
}

extension User {
    /// What an invitation shows of a user: the address that was invited.
    var asStranger: User { User(id: id, email: email, createdAt: .distantPast) }
}

extension User: StoredSoftDeletable {
    func prepared(from source: InsertSource?, in transaction: SQLTransaction) throws -> User {
        var user = self
        user.email = try EmailAddress.checked(
            email, of: Self.entityName, field: Self.columns.email.name)
        return user
    }

    /// Keeps the last owner of an organization active.
    func checkChange(to new: User?, in transaction: SQLTransaction) throws {
        guard let new else {
            return try checkIsNoLastOwner(in: transaction, alsoOfDeleted: true)
        }
        if isActive, !new.isActive { try checkIsNoLastOwner(in: transaction) }
    }

    /// The user's keys come back neither with the user nor with a deleted organization.
    ///
    /// What was deleted before, such as a role in a deleted project, does not come back either.
    func finishDelete(in transaction: SQLTransaction) throws {
        try SQLRepository<APIKey>(transaction).revokeAll(of: id)
        let users = SQLRepository<User>(transaction)
        try users.detachDeletedMemberships(of: id, except: users.anyRecord(id).deletionID)
    }

    /// - Parameter alsoOfDeleted: Whether deleted organizations count, which could not be restored
    ///   without the owner.
    /// - Throws: `.conflict` for the last owner of an organization.
    fileprivate func checkIsNoLastOwner(
        in transaction: SQLTransaction, alsoOfDeleted: Bool = false
    ) throws {
        let organizations = try transaction.rows(
            """
            SELECT m.organization_id FROM organization_memberships m \
            JOIN organizations o ON o.id = m.organization_id \
            WHERE m.user_id = \(id) AND \(SQLTransaction.isOwner) \
            AND (o.deleted_at IS NULL OR \(raw: alsoOfDeleted ? "TRUE" : "FALSE")) \
            ORDER BY m.organization_id
            """
        ) { try $0.next(Identifier<Organization>.self) }
        for organization in organizations {
            try transaction.checkOwner(of: organization, besides: id)
        }
    }
}
