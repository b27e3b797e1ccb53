import MLOpsCore
import Testing

extension Conformance {
    /// A private project does not exist for users who are not its members.
    static let hiddenProjects: [Scenario] =
        FixtureTree.entities.filter { $0.table.belongsToProjects }.map { hidden($0) } + [
            Scenario("Permissions: no call tells a private project's keys from none") { context in
                let user = try await context.insertMember(50).id
                let own = try await CallSite.stored(context, roles: [(user, .owner)])
                let absent = try await CallSite.absent(context)
                var hidden = try await CallSite.stored(context, 2, visibility: .private)
                // Every member knows the ids of channels.
                hidden.rows.channel = absent.channel
                hidden.names.merge(absent.names) { name, _ in name }
                let exclusions = [
                    "UserRepository.": "Members see each other.",
                    "OrganizationRepository.": "Members see the organization.",
                    "OrganizationMembershipRepository.": "Members see each other.",
                    "NotificationChannelRepository.": "Channels are the organization's.",
                    "APIKeyRepository.insert": "The key's user is a member.",
                    " of no project": "The row is the organization's.",
                ]
                let member = try await context.open(user)
                for call in Call.keyed where !call.isExcluded(by: exclusions) {
                    let difference = await call.difference(
                        between: hidden, and: absent, from: own, in: member)
                    #expect(difference == nil, "\(call.name)")
                }
            },
            Scenario("Permissions: a role opens a private project, and its end closes it") {
                context in
                let (member, _, other) = try await context.privateTree()
                let role = try await context.workspace.projectMembers.insert(
                    Fixtures.projectMember(
                        60, of: member.principal.userID, in: other.project.id, role: .viewer))
                #expect(try await member.runs.find(other.run.id) == other.run)
                try await context.workspace.projectMembers.delete(role.id)
                await expectError(.notFound) { try await member.runs.find(other.run.id) }
                var opened = other.project
                opened.visibility = .organization
                try await context.workspace.projects.update(opened)
                #expect(try await member.runs.find(other.run.id) == other.run)
                await expectError(.permissionDenied) { try await member.runs.delete(other.run.id) }
            },
        ]

    private static func hidden<Record: FixtureEntity>(_ type: Record.Type) -> Scenario {
        Scenario("Permissions: \(type)Repository does not see a private project") { context in
            let (member, own, other) = try await context.privateTree()
            let records = type.records(in: member)
            let (seen, row, absent) = (
                type.row(of: own).id, type.row(of: other), Identifier<Record>()
            )
            #expect(try await records.find(seen).id == seen)
            #expect(try await records.findIfExists(row.id) == nil)
            let error = await expectError(.notFound) { try await records.find(row.id) }
            let none = await expectError(.notFound) { try await records.find(absent) }
            #expect(error?.entity == none?.entity && error?.field == none?.field)
            #expect(
                error?.message.replacing(row.id.description, with: "")
                    == none?.message.replacing(absent.description, with: ""))
            let id = Column<Record, Identifier<Record>>("id")
            #expect(try await records.count(where: { _ in id == row.id }) == 0)
            #expect(try await records.all(where: { _ in id.isIn([row.id, seen]) }).count == 1)
            #expect(try await !records.all().contains { $0.id == row.id })
            #expect(try await records.count() == records.all().count)
            let everything = Query<Record>(limit: 10_000, deleted: .included)
            #expect(try await !records.page(everything).contains { $0.id == row.id })
            for try await record in records.stream() { #expect(record.id != row.id) }
        }
    }
}

extension ConformanceContext {
    /// Makes a member who owns one project, and a private project without that member.
    fileprivate func privateTree() async throws -> (
        member: Workspace, own: FixtureTree, other: FixtureTree
    ) {
        let user = try await insertMember(50)
        let own = try await tree(1)
        try await workspace.projectMembers.insert(
            Fixtures.projectMember(50, of: user.id, in: own.project.id, role: .owner))
        let other = try await Fixtures.insertTree(
            into: workspace, number: 2, visibility: .private)
        return (try await open(user.id), own, other)
    }

    /// The workspace of a member of the workspace's organization.
    func open(_ user: Identifier<User>) async throws -> Workspace {
        try await store.workspace(organization: workspace.organizationID, as: .user(user))
    }

    /// The workspace of a new member of the workspace's organization.
    func openMember(
        _ number: Int, role: OrganizationRole = .member
    ) async throws -> Workspace {
        try await open(try await insertMember(number, role: role).id)
    }

    /// The workspace of an API key of the workspace's organization.
    func open(_ key: APIKey) async throws -> Workspace {
        try await store.workspace(
            organization: workspace.organizationID, as: .apiKey(key.id, user: key.userID))
    }
}
