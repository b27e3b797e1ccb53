/// What a principal sees in one organization, as SQL conditions.
struct Visibility {
    let organization: Identifier<Organization>
    let authority: Authority
    let dialect: any Dialect

    /// The condition for the rows of a table, named by an alias, that the principal sees.
    func rows(of table: Table, as alias: String) throws -> Fragment {
        switch table.projectLink.way {
        case .none:
            if authority.key?.projects != nil { return try ofLimitedKey(table, alias) }
            guard let person = table.personColumn, authority.role < .admin else { return "TRUE" }
            return "\(raw: alias).\(raw: person) = \(authority.userID)"
        case .person(let column):
            guard authority.key?.projects != nil else { return "TRUE" }
            return try isOfProjects("\(alias).\(column)")
        case .every:
            if authority.ownsEveryProject { return "TRUE" }
            return "\(try maintainsAny()) AND \(try servesOnlyKey(alias))"
        case .itself, .column, .parent:
            if authority.ownsEveryProject { return "TRUE" }
            return try inVisibleProject(table, alias)
        }
    }

    /// What a key that is limited to projects sees of the rows of no project.
    private func ofLimitedKey(_ table: Table, _ alias: String) throws -> Fragment {
        if table.trail == .itself { return try entriesOfProjects(alias) }
        guard table.personColumn != nil, let key = authority.key?.id else { return "TRUE" }
        // Of what belongs to people, itself.
        return "\(raw: alias).id = \(key)"
    }

    /// Whether a person is the acting user, or has a role in a project of the key.
    private func isOfProjects(_ person: String) throws -> Fragment {
        """
        (\(raw: person) = \(authority.userID) OR EXISTS (SELECT 1 FROM project_members km \
        WHERE km.organization_id = \(organization) AND km.user_id = \(raw: person) \
        AND km.deleted_at IS NULL AND \(try ofKey("km.project_id"))))
        """
    }

    /// Whether an audit entry is about a row of a project that the key covers.
    private func entriesOfProjects(_ alias: String) throws -> Fragment {
        let parts = try Schema.tables.filter(\.belongsToProjects).map { table -> Fragment in
            """
            (\(raw: alias).resource_type = \(table.resource) AND \(raw: alias).resource_id IN \
            (SELECT CAST(r.id AS text) FROM \(raw: table.name) r \
            WHERE r.organization_id = \(organization) \
            AND \(try ofKey(Self.projectID(of: table, as: "r")))))
            """
        }
        return "(\(Fragment(joining: parts, separator: " OR ")))"
    }

    /// Whether a channel, under an alias, serves only projects of the key, if the key has any.
    ///
    /// Rules of these projects use it, or the key's user has made it since the key was made.
    /// Deleted rules count: a restore brings them back.
    private func servesOnlyKey(_ alias: String) throws -> Fragment {
        guard let key = authority.key, key.projects != nil else { return "TRUE" }
        let rules: Fragment = """
            SELECT 1 FROM notification_rules kr WHERE kr.organization_id = \(organization) \
            AND kr.notification_channel_id = \(raw: alias).id
            """
        let isMadeSince: Fragment = """
            (\(raw: alias).created_by = \(authority.userID) \
            AND \(raw: alias).created_at >= \(key.createdAt))
            """
        return """
            (\(isMadeSince) OR EXISTS (\(rules))) AND NOT EXISTS (\(rules) \
            AND (kr.project_id IS NULL OR NOT (\(try ofKey("kr.project_id")))))
            """
    }

    /// Whether the principal maintains any project that their key covers.
    func maintainsAny() throws -> Fragment {
        if authority.ownsEveryProject { return "TRUE" }
        switch authority.role {
        case .owner, .admin:
            return """
                EXISTS (SELECT 1 FROM projects p WHERE p.organization_id = \(organization) \
                AND p.deleted_at IS NULL AND \(try ofKey("p.id")))
                """
        case .member:
            return """
                EXISTS (SELECT 1 FROM project_members pm WHERE \(try member()) \
                AND \(try ownRole()) IN ('owner', 'maintainer') AND pm.deleted_at IS NULL \
                AND \(try ofKey("pm.project_id")))
                """
        case .viewer: return "FALSE"
        }
    }

    /// Whether the principal's key, if any, covers a project.
    private func ofKey(_ project: String) throws -> Fragment {
        guard let projects = authority.key?.projects else { return "TRUE" }
        return try dialect.among("\(raw: project)", projects.map { .uuid($0.uuid) })
    }

    private func inVisibleProject(_ table: Table, _ alias: String) throws -> Fragment {
        let project = Self.projectID(of: table, as: alias)
        var conditions: [Fragment] = []
        if authority.role < .admin {
            // A membership that was deleted with its project counts, so that the project can be
            // restored.
            conditions.append(
                """
                EXISTS (SELECT 1 FROM projects p WHERE p.organization_id = \(organization) \
                AND p.id = \(raw: project) AND (p.visibility = 'organization' \
                OR EXISTS (SELECT 1 FROM project_members pm WHERE \(try member()) \
                AND pm.project_id = p.id \
                AND (pm.deleted_at IS NULL OR pm.deletion_id = p.deletion_id))))
                """)
        }
        if authority.key?.projects != nil { conditions.append(try ofKey(project)) }
        let visible = Fragment(joining: conditions, separator: " AND ")
        // A row without a project belongs to the organization.
        guard table.hasRowsOutsideProjects, authority.key?.projects == nil else { return visible }
        return "(\(raw: project) IS NULL OR \(visible))"
    }

    /// The expression for the principal's own role in a row's project; null without one.
    func projectRole(in table: Table, as alias: String) throws -> Fragment {
        guard authority.role == .member else { return "NULL" }
        let role = try ownRole()
        let roles: Fragment = "SELECT \(role) FROM project_members pm WHERE \(try member())"
        switch table.projectLink.way {
        case .none, .person: return "NULL"
        case .every:
            return """
                (\(roles) AND pm.deleted_at IS NULL \
                AND \(try ofKey("pm.project_id")) \
                ORDER BY CASE \(role) WHEN 'owner' THEN 1 WHEN 'maintainer' THEN 2 \
                WHEN 'contributor' THEN 3 ELSE 4 END LIMIT 1)
                """
        case .itself:
            return """
                (\(roles) AND pm.project_id = \(raw: alias).id AND (pm.deleted_at IS NULL \
                OR pm.deletion_id = \(raw: alias).deletion_id) LIMIT 1)
                """
        case .column, .parent:
            return """
                (\(roles) AND pm.project_id = \(raw: Self.projectID(of: table, as: alias)) \
                AND pm.deleted_at IS NULL LIMIT 1)
                """
        }
    }

    /// Selects the projects in which the principal has a role of their own, with the role.
    func projectRoles() throws -> Fragment {
        """
        SELECT pm.project_id, \(try ownRole()) FROM project_members pm \
        WHERE \(try member()) AND pm.deleted_at IS NULL
        """
    }

    /// The condition for the principal's project memberships, under the alias `pm`.
    ///
    /// With a key, only those count whose project its maker had a role in, or that its user has
    /// made since.
    private func member() throws -> Fragment {
        let all: Fragment =
            "pm.organization_id = \(organization) AND pm.user_id = \(authority.userID)"
        guard let makerRoles else { return all }
        return "\(all) AND (\(try among(makerRoles.keys)) OR \(isMadeSince))"
    }

    /// The role in a project membership `pm`; with a key, at most its maker's role there.
    private func ownRole() throws -> Fragment {
        guard let makerRoles else { return "pm.role" }
        func maker(_ least: ProjectRole) throws -> Fragment {
            try among(makerRoles.filter { $0.value >= least }.keys)
        }
        return """
            (CASE WHEN \(isMadeSince) THEN pm.role \
            WHEN pm.role = 'owner' AND \(try maker(.owner)) THEN 'owner' \
            WHEN pm.role IN ('owner', 'maintainer') AND \(try maker(.maintainer)) \
            THEN 'maintainer' WHEN pm.role <> 'viewer' AND \(try maker(.contributor)) \
            THEN 'contributor' ELSE 'viewer' END)
            """
    }

    /// Whether the acting user has made the project `pm.project_id` since the key was made.
    ///
    /// The right to make projects, and to own what one makes, was the maker's then.
    private var isMadeSince: Fragment {
        guard let key = authority.key else { return "FALSE" }
        return """
            pm.project_id IN (SELECT np.id FROM projects np \
            WHERE np.organization_id = \(organization) AND np.created_by = \(authority.userID) \
            AND np.created_at >= \(key.createdAt))
            """
    }

    /// The project roles of the key's maker, if they limit the key.
    private var makerRoles: [Identifier<Project>: ProjectRole]? {
        authority.key.flatMap { $0.limits.areByProject ? $0.limits.projects : nil }
    }

    private func among(_ projects: some Sequence<Identifier<Project>>) throws -> Fragment {
        try dialect.among("pm.project_id", projects.map { .uuid($0.uuid) })
    }

    /// The expression for the id of a row's project, found through its parents.
    static func projectID(of table: Table, as alias: String) -> String {
        guard case .parent = table.projectLink.way, let reference = table.projectReference else {
            return "\(alias).\(table.projectLink.columnName ?? CommonColumn.id)"
        }
        let parent = alias + "_p"
        return """
            (SELECT \(projectID(of: reference.parentTable, as: parent)) \
            FROM \(reference.parent) \(parent) \
            WHERE \(parent).organization_id = \(alias).organization_id \
            AND \(parent).id = \(alias).\(reference.column))
            """
    }
}
