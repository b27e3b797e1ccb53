import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Revoked access, which is refused at once, also in an open workspace.
    static let admission: [Scenario] = [
        refused("a revoked key") { context, key in
            try await context.write { _ = try $0.apiKeys.revoke(key.id) }
        },
        refused("a key that is switched off") { context, key in
            var copy = try await context.workspace.apiKeys.find(key.id)
            copy.isActive = false
            try await context.workspace.apiKeys.update(copy)
        },
        refused("a key past its time") { context, key in
            try await context.write { _ = try $0.apiKeys.expire(key.id, at: Fixtures.date) }
        },
        refused("a deleted key") { context, key in
            try await context.workspace.apiKeys.delete(key.id)
        },
        refused("a deactivated user", alsoUser: true) { context, key in
            try await context.system { tx in
                var user = try tx.users.find(key.userID)
                user.isActive = false
                try tx.users.update(user)
            }
        },
        refused("a deleted user", alsoUser: true) { context, key in
            try await context.system { _ = try $0.users.delete(key.userID) }
        },
        refused("a removed membership", alsoUser: true) { context, key in
            let membership = try await context.read { tx in
                try tx.memberships.membership(of: key.userID)
            }
            let id = try #require(membership?.id)
            try await context.workspace.memberships.delete(id)
        },
        refused("a suspended organization", alsoUser: true) { context, _ in
            try await context.changeOrganization { $0.subscriptionStatus = .suspended }
        },
        refused("an inactive organization", alsoUser: true) { context, _ in
            try await context.changeOrganization { $0.isActive = false }
        },
        Scenario("Permissions: an invitation that is not accepted opens nothing") { context in
            let user = try await context.insertUser(50).id
            let invitation = OrganizationMembership(
                user: user, role: .owner, invitedBy: context.workspace.principal.userID)
            var membership = try await context.workspace.memberships.insert(invitation)
            await expectError(.permissionDenied) { try await context.open(user) }
            membership.joinedAt = Fixtures.date
            membership = try await context.workspace.memberships.update(membership)
            #expect(membership.joinedAt == nil)
            await expectError(.permissionDenied) { try await context.open(user) }
            membership = try await context.store.acceptInvitation(
                to: membership.organizationID, as: user)
            let workspace = try await context.open(user)
            #expect(try await workspace.users.count() == 2)
            let joinedAt = membership.joinedAt
            membership.joinedAt = nil
            membership = try await context.workspace.memberships.update(membership)
            #expect(joinedAt != nil && membership.joinedAt == joinedAt)
        },
        Scenario("Permissions: a role that changes counts from the next transaction") { context in
            let tree = try await context.tree()
            let workspace = try await context.openMember(50, role: .admin)
            try await workspace.models.update(tree.model)
            let membership = try await context.read { tx in
                try tx.memberships.membership(of: workspace.principal.userID)
            }
            var lowered = try #require(membership)
            lowered.role = .viewer
            try await context.workspace.memberships.update(lowered)
            let model = try await workspace.models.find(tree.model.id)
            await expectError(.permissionDenied) { try await workspace.models.update(model) }
        },
        addedAgain("a removed member") { context, membership in
            try await context.workspace.memberships.delete(membership.id)
            try await context.workspace.memberships.insert(
                Fixtures.membership(60, of: membership.userID))
        },
        addedAgain("a member who left") { context, membership in
            try await context.open(membership.userID).write { _ = try $0.memberships.leave() }
            try await context.workspace.memberships.insert(
                Fixtures.membership(60, of: membership.userID))
        },
        addedAgain("a membership that is restored") { context, membership in
            try await context.workspace.memberships.delete(membership.id)
            try await context.workspace.memberships.restore(membership.id)
        },
    ]

    /// Removes a member who has a project role and a key, and adds them again.
    ///
    /// They must have neither afterwards, the trail must record it, and their rights elsewhere must
    /// remain.
    private static func addedAgain(
        _ who: String,
        _ change:
            @escaping @Sendable (ConformanceContext, OrganizationMembership) async throws -> Void
    ) -> Scenario {
        Scenario("Permissions: \(who) gets no old key or role back") { context in
            let user = try await context.insertUser(50).id
            let membership = try await context.workspace.memberships.insert(
                Fixtures.membership(50, of: user))
            let project = try await context.workspace.projects.insert(
                Fixtures.project(50, visibility: .private))
            let role = try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(50, of: user, in: project.id, role: .maintainer))
            let key = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything, for: user)
            let program = try await context.store.workspace(apiKey: key.token)
            let other = try await context.otherWorkspace(70)
            try await other.memberships.insert(Fixtures.membership(71, of: user))
            let elsewhere = try await other.issueAPIKey(
                name: "key", permissions: .everything, for: user)
            let start = try await context.chainLength()
            try await change(context, membership)

            let theirs = try await context.open(user)
            await expectError(.notFound) { try await theirs.projects.find(project.id) }
            await expectError(.notFound) {
                try await context.workspace.projectMembers.find(role.id)
            }
            await expectError(.permissionDenied) { try await program.projects.count() }
            await expectError(.permissionDenied) {
                try await context.store.workspace(apiKey: key.token)
            }
            #expect(try await context.workspace.apiKeys.find(key.key.id).revokedAt != nil)
            _ = try await context.store.workspace(apiKey: elsewhere.token)
            let entries = try await context.entries(after: start)
            #expect(
                entries.prefix(3).map(\.action) == [
                    "organization_membership.delete", "api_key.revoke", "project_member.delete",
                ])
            #expect(Set(entries.prefix(3).map(\.userID)).count == 1)
        }
    }

    /// Opens workspaces of a member and of the member's key, and takes something away.
    ///
    /// Every call with the key must then be refused, and every call of the member too if `alsoUser`
    /// is set.
    private static func refused(
        _ what: String, alsoUser: Bool = false,
        _ change: @escaping @Sendable (ConformanceContext, APIKey) async throws -> Void
    ) -> Scenario {
        Scenario("Permissions: \(what) is refused at once in an open workspace") { context in
            let tree = try await context.tree()
            let person = try await context.openMember(50, role: .admin)
            let key = try await context.key(50, ["*": ["*"]], of: person.principal.userID)
            let program = try await context.open(key)
            for workspace in [person, program] {
                #expect(try await workspace.models.find(tree.model.id) == tree.model)
                #expect(
                    await context.tries({ _ = try $0.models.update(tree.model) }, in: workspace)
                        == nil)
            }
            try await change(context, key)
            for (workspace, isRefused) in [(program, true), (person, alsoUser)] {
                let expected: StoreError.Code? = isRefused ? .permissionDenied : nil
                let reads = await context.tries(
                    { _ = try $0.models.find(tree.model.id) }, in: workspace)
                let writes = await context.tries(
                    { _ = try $0.models.update(tree.model) }, in: workspace)
                #expect(reads == expected && writes == expected)
                guard isRefused else { continue }
                await expectError(.permissionDenied) { try await workspace.models.count() }
                await expectError(.permissionDenied) {
                    try await workspace.startRun(project: "p", experiment: "e")
                }
                let opening = await context.code {
                    _ = try await context.store.workspace(
                        organization: workspace.organizationID, as: workspace.principal)
                }
                #expect(opening == .permissionDenied || opening == .notFound)
            }
        }
    }
}

extension ConformanceContext {
    fileprivate func changeOrganization(
        _ change: @escaping @Sendable (inout Organization) -> Void
    ) async throws {
        let id = workspace.organizationID
        try await system { tx in
            var organization = try tx.organizations.find(id)
            change(&organization)
            try tx.organizations.update(organization)
        }
    }

    /// The code of the error that a body throws, or `nil`.
    func code(_ body: () async throws -> Void) async -> StoreError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? StoreError)?.code ?? .database
        }
    }
}
