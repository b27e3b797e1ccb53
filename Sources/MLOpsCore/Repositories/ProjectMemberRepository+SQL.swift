extension SQLRepository: ProjectMemberRepository where Record == ProjectMember {
    func membership(
        of user: Identifier<User>, in project: Identifier<Project>
    ) throws -> ProjectMember? {
        try first { $0.projectID == project && $0.userID == user }
    }

    func members(of project: Identifier<Project>) throws -> [ProjectMembership] {
        try transaction.allow(.read, on: User.self)
        _ = try transaction.projects.find(project)
        return try transaction.rows(
            """
            SELECT \(User.table.columns(of: "u")), \(Record.table.columns(of: "m")),
                EXISTS (SELECT 1 FROM organization_memberships o
                    WHERE o.organization_id = m.organization_id AND o.user_id = m.user_id
                    AND o.deleted_at IS NULL
                    AND (o.invited_by IS NULL OR o.joined_at IS NOT NULL))
            FROM project_members m
            JOIN users u ON u.id = m.user_id
            WHERE \(try scope(as: "m")) AND m.project_id = \(project)
                AND m.deleted_at IS NULL AND u.deleted_at IS NULL
            ORDER BY u.email, m.id
            """
        ) { row in
            let user = try User(from: &row)
            let member = try Record(from: &row)
            let hasJoined = try row.next(Bool.self)
            return ProjectMembership(
                user: hasJoined ? user : user.asStranger, member: member)
        }
    }
}

extension ProjectMember: StoredSoftDeletable {
    /// Checks that the user is still a member of the organization.
    ///
    /// - Throws: `.conflict`.
    func finishRestore(in transaction: SQLTransaction) throws {
        let memberships = SQLRepository<OrganizationMembership>(transaction.unrestricted)
        let (user, organization) = (userID, organizationID)
        let membership = try memberships.first {
            $0.userID == user && $0.organizationID == organization
        }
        if let id = membership?.id { try memberships.lock(id, .shared) }
        guard let membership, try memberships.findIfExists(membership.id) != nil else {
            throw StoreError(
                .conflict,
                "The user is no member of the organization any more; add them to it first.",
                entity: Self.entityName, field: Self.columns.userID.name)
        }
    }
}
