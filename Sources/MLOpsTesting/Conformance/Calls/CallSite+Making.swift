import MLOpsCore

extension CallSite {
    /// Stores a site.
    ///
    /// - Parameters:
    ///   - number: The number of the fixtures, different for each site of a store.
    ///   - roles: The members of the project, and of a deleted project like it.
    static func stored(
        _ context: ConformanceContext, _ number: Int = 1, in workspace: Workspace? = nil,
        visibility: ProjectVisibility = .organization,
        roles: [(user: Identifier<User>, role: ProjectRole)] = []
    ) async throws -> CallSite {
        let workspace = workspace ?? context.workspace
        let (organization, user) = (workspace.organizationID, workspace.principal.userID)
        return try await context.system {
            try CallSite(
                in: $0, organization, user, number: number, visibility: visibility, roles: roles)
        }
    }

    /// A site of another organization that is rolled back: none of its rows exists.
    static func absent(_ context: ConformanceContext) async throws -> CallSite {
        do {
            try await context.system { system in
                let user = try system.users.insert(Fixtures.user(5)).id
                let organization = try system.organizations.insert(Fixtures.organization(5)).id
                try system.scoped(to: organization, as: .user(user)).memberships
                    .insert(Fixtures.membership(5, of: user, role: .owner))
                throw Undone(site: try CallSite(in: system, organization, user, number: 5))
            }
        } catch let undone as Undone {
            return undone.site
        }
        throw StoreError(.database, "The transaction did not throw.")
    }

    private struct Undone: Error { let site: CallSite }

    private init(
        in system: any Transaction, _ organization: Identifier<Organization>,
        _ user: Identifier<User>, number: Int, visibility: ProjectVisibility = .organization,
        roles: [(user: Identifier<User>, role: ProjectRole)] = []
    ) throws {
        let tx = try system.scoped(to: organization, as: .user(user))
        var last = number * 1000
        func next() -> Int {
            last += 1
            return last
        }
        func newcomer() throws -> Identifier<User> {
            try system.users.insert(Fixtures.user(next())).id
        }
        func member(_ role: OrganizationRole = .member) throws -> OrganizationMembership {
            try tx.memberships.insert(
                Fixtures.membership(next(), of: try newcomer(), role: role))
        }
        func add(_ roles: [(user: Identifier<User>, role: ProjectRole)], to project: Project) throws
        {
            for (user, role) in roles {
                try tx.projectMembers.insert(
                    Fixtures.projectMember(next(), of: user, in: project.id, role: role))
            }
        }

        var tree = try Fixtures.insertTree(
            into: tx, user: user, organization: organization, number: number,
            visibility: visibility)
        owner = tree.membership
        try add(roles, to: tree.project)
        tree.membership = try member()
        tree.projectMember = try tx.projectMembers.insert(
            Fixtures.projectMember(next(), of: try member().userID, in: tree.project.id))
        tree.apiKey = try tx.apiKeys.insert(Fixtures.apiKey(next(), of: try member().userID))
        stranger = try newcomer()
        formerOwner = try member(.owner)
        try tx.memberships.delete(formerOwner.id)

        var gone = tree
        func delete<Record: FixtureEntity & SoftDeletable>(_ type: Record.Type) throws {
            let user =
                switch type.newcomer {
                case .none: tree.user.id
                case .stranger: try newcomer()
                case .member: try member().userID
                }
            let row = try tx.repository(of: type).insert(
                type.fixture(
                    next(), in: FixturePlace(tree: tree, own: tree, newcomer: user)))
            try tx.repository(of: type).delete(row.id)
            gone[keyPath: type.field] = row
        }
        gone.project = try tx.projects.insert(Fixtures.project(next(), visibility: visibility))
        try add(roles, to: gone.project)
        try tx.projects.delete(gone.project.id)
        for case let type as any (FixtureEntity & SoftDeletable).Type in FixtureTree.tenantEntities
        where type.table !== Project.table {
            try delete(type)
        }

        func inProduction() throws -> ModelVersion {
            let version = try tx.modelVersions.insert(
                Fixtures.modelVersion(next(), of: tree.model.id))
            return try tx.modelVersions.promote(
                version.id, to: .production, archivingCurrent: false)
        }
        live = try inProduction()
        formerLive = try inProduction()
        try tx.modelVersions.delete(formerLive.id)
        child = try tx.runs.insert(
            Fixtures.run(
                next(), of: tree.experiment.id, parent: tree.run.id, status: .running))
        pending = try tx.deploymentHistory.insert(
            Fixtures.historyEntry(
                next(), of: tree.deployment.id, version: tree.version.id, action: .scale))
        generalAlert = try tx.alerts.insert(Fixtures.alert(next()))
        let channel = try tx.notificationChannels.insert(Fixtures.channel(next())).id
        generalRule = try tx.notificationRules.insert(
            Fixtures.rule(next(), to: channel, trigger: .deployment))
        formerGeneralRule = try tx.notificationRules.insert(
            Fixtures.rule(next(), to: channel, trigger: .deployment))
        try tx.notificationRules.delete(formerGeneralRule.id)
        seal = try tx.auditLogs.seal(with: Self.signer)
        (rows, goneRows, own, ownChild) = (tree, gone, tree, child)
        self.number = next()
        nameRows()
    }

    private mutating func nameRows() {
        let extras = [
            "stranger": stranger.description, "owner": owner.id.description,
            "former owner": formerOwner.id.description, "live": live.id.description,
            "former live": formerLive.id.description, "child": child.id.description,
            "pending": pending.id.description, "alert": generalAlert.id.description,
            "rule": generalRule.id.description, "former rule": formerGeneralRule.id.description,
        ]
        for (name, id) in extras { names[id] = "other \(name)" }
        let people = [rows.membership.userID, rows.projectMember.userID, rows.apiKey.userID]
        for (number, id) in people.enumerated() { names[id.description] = "other user \(number)" }
        func name<Record: FixtureEntity>(_ type: Record.Type) {
            names[gone(type).description] = "gone \(type)"
            names[new(type).id.description] = "new \(type)"
            names[row(type).id.description] = "row \(type)"
        }
        for type in FixtureTree.entities { name(type) }
    }
}
