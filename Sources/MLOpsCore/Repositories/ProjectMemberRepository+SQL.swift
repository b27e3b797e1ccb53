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

extension ProjectMember: StoredSoftDeletable {}
