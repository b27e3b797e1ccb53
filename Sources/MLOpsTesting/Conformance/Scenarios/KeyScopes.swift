import MLOpsCore
import Testing

extension Conformance {
    /// The scopes and projects of API keys.
    static let keyScopes: [Scenario] = [
        Scenario("API keys: scopes hold one action on one resource") { context in
            let tree = try await context.tree()
            let row = try await context.workspace.models.insert(
                Fixtures.model(2, in: tree.project.id))
            let gone = try await context.workspace.models.insert(
                Fixtures.model(3, in: tree.project.id))
            try await context.workspace.models.delete(gone.id)
            let scopes: [([String: [String]], allowed: String)] = [
                ([:], ""), (["models": []], ""), (["experiment_runs": ["*"]], ""),
                (["models": ["read"]], "read"), (["models": ["write"]], "read write"),
                (["models": ["delete"]], "read delete"), (["models": ["purge"]], "read purge"),
                (["models": ["read", "write", "delete"]], "read write delete"),
                (["models": ["*"]], "read write delete purge"),
                (["*": ["read"]], "read"), (["*": ["read"], "models": ["write"]], "read write"),
                (["*": ["*"]], "read write delete purge"),
            ]
            let calls: [(String, @Sendable (any Transaction) throws -> Void)] = [
                ("read", { _ = try $0.models.find(row.id) }),
                ("write", { _ = try $0.models.update(row) }),
                ("delete", { _ = try $0.models.delete(row.id) }),
                ("purge", { _ = try $0.models.purge(gone.id) }),
            ]
            for (number, (scopes, allowed)) in zip(10..., scopes) {
                let program = try await context.program(number, scopes)
                for (action, call) in calls {
                    let outcome = await context.tries(call, in: program)
                    #expect(
                        (outcome == nil)
                            == allowed.split(separator: " ").contains(Substring(action))
                            && [nil, .permissionDenied].contains(outcome),
                        "\(action) with \(scopes): \(outcome?.rawValue ?? "ok")")
                }
            }
            await expectError(.invalidValue, "an action that there is not") {
                try await context.program(30, ["models": ["change"]])
            }
        },
        Scenario("API keys: the list of projects hides every other") { context in
            let (first, second) = (try await context.tree(1), try await context.tree(2))
            let program = try await context.program(
                10, ["*": ["*"]], projects: [first.project.id])
            #expect(try await program.projects.all().map(\.id) == [first.project.id])
            #expect(try await program.runs.all().map(\.id) == [first.run.id])
            #expect(try await program.metrics.all().map(\.id) == [first.metric.id])
            #expect(try await program.alerts.all().map(\.id) == [first.alert.id])
            #expect(try await program.notificationRules.all().map(\.id) == [first.rule.id])
            await expectError(.notFound) { try await program.models.find(second.model.id) }
            await expectError(.notFound) {
                try await program.models.insert(Fixtures.model(9, in: second.project.id))
            }
            try await program.models.insert(Fixtures.model(10, in: first.project.id))
            await expectError(.permissionDenied, "a project outside the list") {
                try await program.projects.insert(Fixtures.project(9))
            }
            await expectError(.permissionDenied, "a member of the organization") {
                try await program.memberships.delete(first.membership.id)
            }
            await expectError(.permissionDenied, "a setting of the organization") {
                try await program.organizations.update(first.organization)
            }
            let none = try await context.program(11, ["*": ["*"]], projects: [])
            #expect(try await none.projects.count() == 0)
            #expect(try await none.runs.count() == 0)
        },
        Scenario("API keys: a key for projects sees no other entries, people or keys") { context in
            let (first, second) = (try await context.tree(1), try await context.tree(2))
            let colleague = try await context.insertMember(50).id
            let stranger = try await context.insertMember(51).id
            for (number, user, project) in [
                (50, colleague, first.project.id), (51, stranger, second.project.id),
            ] {
                try await context.workspace.projectMembers.insert(
                    Fixtures.projectMember(number, of: user, in: project))
            }
            let owner = context.workspace.principal.userID
            let key = try await context.key(10, ["*": ["*"]], projects: [first.project.id])
            let program = try await context.open(key)
            #expect(try await program.apiKeys.all().map(\.id) == [key.id])
            await expectError(.notFound) { try await program.apiKeys.find(second.apiKey.id) }
            await expectError(.notFound) {
                try await program.write { try $0.apiKeys.revoke(second.apiKey.id) }
            }
            #expect(Set(try await program.users.all().map(\.id)) == [owner, colleague])
            #expect(try await program.users.findIfExists(stranger) == nil)
            let members = try await program.read { tx in
                (try tx.memberships.members(), try tx.memberships.all())
            }
            #expect(Set(members.0.map(\.user.id)) == [owner, colleague])
            #expect(Set(members.1.map(\.userID)) == [owner, colleague])

            let all = try await context.workspace.auditLogs.all()
            let seen = try await program.auditLogs.all()
            let own = Set(
                [
                    first.project.id.description, first.projectMember.id.description,
                    first.model.id.description, first.version.id.description,
                    first.experiment.id.description, first.run.id.description,
                    first.deployment.id.description, first.rule.id.description,
                    first.alert.id.description, first.monitoring.id.description,
                    first.driftReport.id.description, first.historyEntry.id.description,
                    Fixtures.id(ProjectMember.self, 50).description,
                ])
            let expected = all.filter { own.contains($0.resourceID ?? "") }
            #expect(Set(seen.map(\.id)) == Set(expected.map(\.id)) && seen.count > 8)
            #expect(try await program.auditLogs.findIfExists(second.auditLog.id) == nil)
            await expectError(.permissionDenied, "the chain") {
                try await program.read { try $0.auditLogs.verifyChain() }
            }
        },
        Scenario("API keys: a role outside a key's projects gives the key nothing") { context in
            let (first, second) = (try await context.tree(1), try await context.tree(2))
            let user = try await context.insertMember(50).id
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(50, of: user, in: first.project.id, role: .viewer))
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(51, of: user, in: second.project.id, role: .maintainer))
            let person = try await context.open(user)
            #expect(try await person.notificationChannels.count() == 2)
            let program = try await context.program(
                10, ["*": ["*"]], projects: [first.project.id], of: user)
            #expect(try await program.notificationChannels.count() == 0)
            await expectError(.permissionDenied) {
                try await program.notificationChannels.insert(Fixtures.channel(9))
            }
            await expectError(.permissionDenied) {
                try await program.models.update(first.model)
            }
        },
        Scenario("API keys: a key for projects has nothing of a channel that others use") {
            context in
            let (first, second) = (try await context.tree(1), try await context.tree(2))
            let own = try await context.workspace.notificationChannels.insert(Fixtures.channel(3))
            let program = try await context.program(
                10, ["*": ["*"]], projects: [first.project.id])
            func expectClosed(_ channel: NotificationChannel) async throws {
                #expect(try await program.notificationChannels.findIfExists(channel.id) == nil)
                await expectError(.notFound) {
                    try await program.notificationChannels.update(channel)
                }
                await expectError(.notFound) {
                    try await program.write {
                        try $0.notificationChannels.openedConfig(of: channel.id)
                    }
                }
            }
            #expect(try await program.notificationChannels.all().map(\.id) == [first.channel.id])
            try await expectClosed(second.channel)
            try await expectClosed(own)
            // A rule of another project, or of none, closes it to the key.
            for (number, project) in [(20, second.project.id), (21, nil)] {
                let rule = try await context.workspace.notificationRules.insert(
                    Fixtures.rule(number, to: first.channel.id, project: project))
                try await expectClosed(first.channel)
                try await context.workspace.notificationRules.delete(rule.id)
                try await expectClosed(first.channel)
                try await context.workspace.notificationRules.purge(rule.id)
            }
            #expect(try await program.notificationChannels.find(first.channel.id) == first.channel)
            let made = try await program.notificationChannels.insert(Fixtures.channel(4))
            try await program.notificationRules.insert(
                Fixtures.rule(22, to: made.id, project: first.project.id))
            #expect(try await program.notificationChannels.count() == 2)
        },
        Scenario("API keys: a key never does what its user cannot") { context in
            let tree = try await context.tree()
            let viewer = try await context.insertMember(50, role: .viewer).id
            let program = try await context.program(10, ["*": ["*"]], of: viewer)
            #expect(try await program.models.find(tree.model.id) == tree.model)
            await expectError(.permissionDenied) { try await program.models.update(tree.model) }
            await expectError(.permissionDenied) { try await program.auditLogs.count() }
            await expectError(.permissionDenied) {
                try await program.projects.insert(Fixtures.project(9))
            }
            #expect(try await program.notificationChannels.count() == 0)
        },
        Scenario("ProjectRepository.ofMember takes the right to read the members") { context in
            let tree = try await context.tree()
            let blind = try await context.program(10, ["projects": ["read"]])
            await expectError(.permissionDenied) {
                try await blind.read { try $0.projects.ofMember(tree.user.id) }
            }
            let seeing = try await context.program(
                11, ["projects": ["read"], "project_members": ["read"]])
            let found = try await seeing.read { try $0.projects.ofMember(tree.user.id) }
            #expect(found.map(\.id) == [tree.project.id])
        },
        Scenario("API keys: a key makes no wider key") { context in
            let tree = try await context.tree()
            let (mine, limit) = (context.workspace.principal.userID, tree.project.id)
            let program = try await context.program(
                10, ["api_keys": ["write"], "models": ["write"]])
            func insert(
                _ number: Int, _ scopes: [String: [String]],
                projects: [Identifier<Project>]? = nil, in workspace: Workspace
            ) async throws {
                try await workspace.apiKeys.insert(
                    Fixtures.apiKey(
                        number, of: mine,
                        permissions: APIKeyPermissions(scopes: scopes, projects: projects)))
            }
            try await insert(20, ["models": ["read"]], in: program)
            try await insert(21, ["models": ["write"]], projects: [limit], in: program)
            for wider in [
                ["*": ["*"]], ["models": ["delete"]], ["models": ["*"]], ["experiments": ["read"]],
                ["*": ["read"]],
            ] {
                await expectError(.permissionDenied, "\(wider)") {
                    try await insert(22, wider, in: program)
                }
            }
            let everything = try await context.key(23, ["*": ["*"]])
            await expectError(.permissionDenied, "an update of a key that is wider") {
                try await program.apiKeys.update(everything)
            }
            let limited = try await context.program(24, ["*": ["*"]], projects: [limit])
            await expectError(.permissionDenied, "a key of every project") {
                try await insert(25, ["models": ["read"]], in: limited)
            }
        },
        Scenario("API keys: an admin makes none for an owner") { context in
            let owner = context.workspace.principal.userID
            let admin = try await context.openMember(50, role: .admin)
            let member = try await context.insertMember(51).id
            try await admin.apiKeys.insert(Fixtures.apiKey(1, of: member))
            try await admin.apiKeys.insert(Fixtures.apiKey(2, of: admin.principal.userID))
            await expectError(.permissionDenied) {
                try await admin.apiKeys.insert(Fixtures.apiKey(3, of: owner))
            }
            try await context.workspace.apiKeys.insert(Fixtures.apiKey(3, of: owner))
            try await admin.write { _ = try $0.apiKeys.revoke(Fixtures.id(APIKey.self, 3)) }
        },
    ]
}

extension ConformanceContext {
    /// A new key with these scopes; by default of the workspace's user.
    func key(
        _ number: Int, _ scopes: [String: [String]], projects: [Identifier<Project>]? = nil,
        of user: Identifier<User>? = nil
    ) async throws -> APIKey {
        try await workspace.apiKeys.insert(
            Fixtures.apiKey(
                number, of: user ?? workspace.principal.userID,
                permissions: APIKeyPermissions(scopes: scopes, projects: projects)))
    }

    /// The workspace of a new key with these scopes.
    func program(
        _ number: Int, _ scopes: [String: [String]], projects: [Identifier<Project>]? = nil,
        of user: Identifier<User>? = nil
    ) async throws -> Workspace {
        try await open(try await key(number, scopes, projects: projects, of: user))
    }

    /// The code of the error that a body throws, or `nil`; its changes are rolled back.
    func tries(
        _ body: @escaping @Sendable (any Transaction) throws -> Void, in workspace: Workspace
    ) async -> StoreError.Code? {
        struct Done: Error {}
        do {
            try await workspace.write { tx in
                try body(tx)
                throw Done()
            }
            return nil
        } catch is Done {
            return nil
        } catch {
            return (error as? StoreError)?.code ?? .database
        }
    }
}
