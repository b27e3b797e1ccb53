import MLOpsCore

extension CallMaker {
    /// A member of the organization who is nobody in the project.
    private mutating func member(
        _ role: OrganizationRole = .member
    ) async throws -> OrganizationMembership {
        let number = next()
        let user = try await context.insertUser(number)
        return try await context.workspace.memberships.insert(
            Fixtures.membership(number, of: user.id, role: role))
    }

    mutating func addMemberships() async throws {
        let name = "OrganizationMembershipRepository"
        let (member, former) = (try await member(), try await gone(try await member()))
        let formerOwner = try await gone(try await self.member(.owner))
        let (newMember, owner) = (try await fixture(OrganizationMembership.self), tree.membership)
        let newOwner = Fixtures.membership(next(), of: newMember.userID, role: .owner)
        var risen = member
        risen.role = .owner
        self.name(row: member, new: newMember, gone: former)
        add(RepositoryCall.deletable(member, new: newMember, gone: former))
        add([
            RepositoryCall("\(name).insert of an owner") { try $0.memberships.insert(newOwner) },
            RepositoryCall("\(name).update of an owner") { try $0.memberships.update(owner) },
            RepositoryCall("\(name).update to owner") { [risen] in
                try $0.memberships.update(risen)
            },
            RepositoryCall("\(name).delete of an owner") { try $0.memberships.delete(owner.id) },
            RepositoryCall("\(name).delete of one's own") { tx in
                let own = try tx.memberships.membership(of: Self.actor(tx))
                return try own.map { try tx.memberships.delete($0.id) } as Any
            },
            RepositoryCall("\(name).accept") { try $0.memberships.accept() },
            RepositoryCall("\(name).leave") { try $0.memberships.leave() },
            RepositoryCall("\(name).restore of an owner") {
                try $0.memberships.restore(formerOwner)
            },
            RepositoryCall("\(name).purge of an owner") {
                try $0.memberships.purge(formerOwner)
            },
            RepositoryCall("\(name).membership") {
                try $0.memberships.membership(of: member.userID) as Any
            },
            RepositoryCall("\(name).members") { try $0.memberships.members() },
            RepositoryCall("\(name).of(user:)") { try $0.memberships.of(user: member.userID) },
        ])
    }

    mutating func addKeys() async throws {
        let name = "APIKeyRepository"
        let (user, owner) = (try await member().userID, tree.user.id)
        let keys = context.workspace.apiKeys
        let key = try await keys.insert(Fixtures.apiKey(next(), of: user))
        let former = try await gone(try await keys.insert(Fixtures.apiKey(next(), of: user)))
        let (newKey, ownersKey) = (next(), next())
        let new = Fixtures.apiKey(newKey, of: user)
        self.name(row: key, new: new, gone: former)
        add(RepositoryCall.deletable(key, new: new, gone: former))
        add([
            RepositoryCall("\(name).insert for an owner") {
                try $0.apiKeys.insert(Fixtures.apiKey(ownersKey, of: owner))
            },
            RepositoryCall("\(name).withPrefix") {
                try $0.apiKeys.withPrefix(key.keyPrefix) as Any
            },
            RepositoryCall("\(name).of(user:)") { try $0.apiKeys.of(user: user) },
            RepositoryCall("\(name).revoke") { try $0.apiKeys.revoke(key.id) },
        ])
        let number = next()
        func own(
            _ method: String,
            _ body: @escaping @Sendable (any APIKeyRepository, APIKey) throws -> Any
        ) {
            add([
                RepositoryCall("\(name).\(method) of one's own") { tx in
                    let key = Fixtures.apiKey(number, of: try Self.actor(tx))
                    return try body(tx.apiKeys, try tx.apiKeys.insert(key))
                }
            ])
        }
        own("insert") { $1 }
        own("findIfExists") { try $0.findIfExists($1.id) as Any }
        own("update") { try $0.update($1) }
        own("revoke") { try $0.revoke($1.id) }
        own("delete") { try $0.delete($1.id) }
        own("restore") { keys, key in
            try keys.delete(key.id)
            return try keys.restore(key.id)
        }
        own("purge") { keys, key in
            try keys.delete(key.id)
            return try keys.purge(key.id)
        }
    }

    private static func actor(_ tx: any Transaction) throws -> Identifier<User> {
        guard let actor = tx.actor else { throw StoreError(.database, "Nobody acts.") }
        return actor.userID
    }
}
