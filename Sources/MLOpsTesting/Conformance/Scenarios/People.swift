import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Invitations, changes and departures of an organization's members.
    static let people: [Scenario] = [
        Scenario("Workspace.invite: no rights before the invitation is accepted") { context in
            let organization = context.workspace.organizationID
            let start = try await context.chainLength()
            let systemStart = try await context.systemChainLength()
            let invitation = try await context.workspace.invite(
                email: "New@Example.com", role: .admin)
            let user = invitation.userID
            #expect(invitation.role == .admin && invitation.joinedAt == nil)
            #expect(invitation.invitedBy == context.workspace.principal.userID)
            let members = try await context.read { try $0.memberships.members() }
            #expect(members.first { $0.user.id == user }?.user.email == "new@example.com")
            await expectError(.permissionDenied) {
                try await context.store.workspace(organization: organization, as: .user(user))
            }
            let accepted = try await context.store.acceptInvitation(to: organization, as: user)
            #expect(accepted.joinedAt == accepted.updatedAt && accepted.id == invitation.id)
            let again = try await context.store.acceptInvitation(to: organization, as: user)
            #expect(again == accepted)
            let theirs = try await context.store.workspace(
                organization: organization, as: .user(user))
            #expect(try await theirs.auditLogs.count() > 0)
            let entries = try await context.entries(after: start)
            #expect(
                entries.map(\.action) == [
                    "organization_membership.create", "organization_membership.accept",
                ])
            #expect(entries.last?.userID == user)
            let made = try await context.systemEntries(after: systemStart)
            #expect(made.map(\.action) == ["user.create"])
        },
        Scenario("Workspace.invite finds who is a user already") { context in
            let stranger = try await context.insertUser(2, email: "ada@example.com")
            let invitation = try await context.workspace.invite(email: "ADA@example.com")
            #expect(invitation.userID == stranger.id && invitation.role == .member)
            await expectError(.alreadyExists, "is invited") {
                try await context.workspace.invite(email: "ada@example.com")
            }
            try await context.workspace.memberships.delete(invitation.id)
            await expectError(.notFound, "it was revoked") {
                try await context.store.acceptInvitation(
                    to: context.workspace.organizationID, as: stranger.id)
            }
            try await context.workspace.invite(email: "ada@example.com")
        },
        Scenario("Workspace.invite: an invitation that fails leaves no user") { context in
            let members = try await context.workspace.memberships.count()
            let organization = context.workspace.organizationID
            try await context.system { tx in
                var limited = try tx.organizations.find(organization)
                limited.maxUsers = members
                try tx.organizations.update(limited)
            }
            await expectError(.quotaExceeded) {
                try await context.workspace.invite(email: "new@example.com")
            }
            #expect(try await context.system { try $0.users.withEmail("new@example.com") } == nil)
        },
        Scenario("Workspace.invite: an invitation shows an address, and no profile") { context in
            let stranger = try await context.system { tx in
                try tx.users.insert(
                    User(
                        email: "ada@example.com", firstName: "Ada", lastName: "Lovelace",
                        avatarURL: "https://example.com/ada", isVerified: true,
                        lastLoginAt: Fixtures.date, settings: ["theme": "dark"]))
            }
            let project = try await context.workspace.projects.insert(Fixtures.project(1))
            try await context.workspace.invite(email: stranger.email)
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(1, of: stranger.id, in: project.id))
            #expect(try await context.workspace.users.findIfExists(stranger.id) == nil)
            #expect(try await context.workspace.users.count { $0.firstName == "Ada" } == 0)
            let shown = try await context.read { tx in
                (try tx.memberships.members(), try tx.projectMembers.members(of: project.id))
            }
            let users = (shown.0.map(\.user) + shown.1.map(\.user)).filter { $0.id == stranger.id }
            #expect(users.count == 2)
            for user in users {
                #expect(
                    user == User(id: stranger.id, email: stranger.email, createdAt: .distantPast))
            }
            try await context.store.acceptInvitation(
                to: context.workspace.organizationID, as: stranger.id)
            #expect(try await context.workspace.users.find(stranger.id).firstName == "Ada")
            let members = try await context.read { try $0.memberships.members() }
            #expect(members.contains { $0.user.lastName == "Lovelace" })
        },
        Scenario("Workspace.invite: admins invite, owners invite owners") { context in
            let organization = context.workspace.organizationID
            func workspace(_ number: Int, _ role: OrganizationRole) async throws -> Workspace {
                let user = try await context.insertMember(number, role: role)
                return try await context.store.workspace(
                    organization: organization, as: .user(user.id))
            }
            let admin = try await workspace(2, .admin)
            let member = try await workspace(3, .member)
            let people = try await context.system { try $0.users.count() }
            for role in [OrganizationRole.viewer, .member, .admin, .owner] {
                await expectError(.permissionDenied) {
                    try await member.invite(email: "x@example.com", role: role)
                }
            }
            await expectError(.permissionDenied) {
                try await admin.invite(email: "x@example.com", role: .owner)
            }
            await expectError(.invalidValue) { try await admin.invite(email: "nobody") }
            #expect(try await context.system { try $0.users.count() } == people)
            try await admin.invite(email: "x@example.com", role: .admin)
            try await context.workspace.invite(email: "y@example.com", role: .owner)
        },
        Scenario("Store.declineInvitation ends an invitation, and nothing else") { context in
            let organization = context.workspace.organizationID
            let invited = try await context.workspace.invite(email: "ada@example.com").userID
            try await context.store.declineInvitation(to: organization, as: invited)
            await expectError(.notFound) {
                try await context.store.declineInvitation(to: organization, as: invited)
            }
            let member = try await context.insertMember(2)
            for user in [member.id, context.workspace.principal.userID] {
                await expectError(.conflict) {
                    try await context.store.declineInvitation(to: organization, as: user)
                }
            }
            let inactive = try await context.workspace.invite(email: "in@active.example").userID
            try await context.system { _ = try $0.users.deactivate(inactive) }
            await expectError(.permissionDenied) {
                try await context.store.acceptInvitation(to: organization, as: inactive)
            }
        },
        Scenario("OrganizationMembershipRepository.changeRole and leave") { context in
            let organization = context.workspace.organizationID
            let owner = context.workspace.principal.userID
            let user = try await context.insertMember(2)
            let theirs = try await context.store.workspace(
                organization: organization, as: .user(user.id))
            await expectError(.permissionDenied) {
                try await theirs.write { try $0.memberships.changeRole(of: user.id, to: .admin) }
            }
            let start = try await context.chainLength()
            for role in [OrganizationRole.admin, .admin] {
                let changed = try await context.write {
                    try $0.memberships.changeRole(of: user.id, to: role)
                }
                #expect(changed.role == .admin && changed.revision == 2)
            }
            for (user, role) in [(user.id, OrganizationRole.owner), (owner, .member)] {
                await expectError(.permissionDenied) {
                    try await theirs.write { try $0.memberships.changeRole(of: user, to: role) }
                }
            }
            await expectError(.notFound) {
                try await context.write {
                    try $0.memberships.changeRole(of: Identifier(), to: .viewer)
                }
            }
            for role in [OrganizationRole.admin, .viewer] {
                await expectError(.conflict, "the last owner") {
                    try await context.write { try $0.memberships.changeRole(of: owner, to: role) }
                }
            }
            await expectError(.conflict, "the last owner") {
                try await context.write { try $0.memberships.leave() }
            }
            _ = try await theirs.write { try $0.memberships.leave() }
            await expectError(.permissionDenied) { try await theirs.projects.count() }
            let entries = try await context.entries(after: start)
            #expect(
                entries.map(\.action) == [
                    "organization_membership.change_role", "organization_membership.delete",
                ])
            #expect(entries.map(\.userID) == [owner, user.id])
        },
        Scenario("UserRepository.deactivate and activate work at once") { context in
            let user = try await context.insertMember(2)
            let theirs = try await context.store.workspace(
                organization: context.workspace.organizationID, as: .user(user.id))
            let start = try await context.systemChainLength()
            for _ in 1...2 {
                let changed = try await context.system { try $0.users.deactivate(user.id) }
                #expect(!changed.isActive && changed.revision == 2)
            }
            await expectError(.permissionDenied) { try await theirs.projects.count() }
            for _ in 1...2 {
                let changed = try await context.system { try $0.users.activate(user.id) }
                #expect(changed.isActive && changed.revision == 3)
            }
            #expect(try await theirs.projects.count() == 0)
            let entries = try await context.systemEntries(after: start)
            #expect(entries.map(\.action) == ["user.deactivate", "user.activate"])
            await expectError(.notFound) {
                try await context.system { try $0.users.deactivate(Identifier()) }
            }
        },
    ]
}

extension ConformanceContext {
    /// The entries in the trail of the workspace's organization after a sequence number.
    func entries(after count: Int) async throws -> [AuditLog] {
        try await workspace.auditLogs.all(
            where: { $0.sequence > count }, order: { [$0.sequence.ascending] })
    }
}
