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
            return OrganizationMember(user: user, membership: try Record(from: &row))
        }
    }

    func of(user: Identifier<User>) throws -> [OrganizationMembership] {
        try all(where: { $0.userID == user }, order: { [$0.createdAt.ascending] })
    }
}
