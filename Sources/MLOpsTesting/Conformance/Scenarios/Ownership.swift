import MLOpsCore
import Testing

extension Conformance {
    /// Rights of owners, of projects and of the organization.
    static let ownership: [Scenario] = [
        Scenario("Permissions: a member who makes a project owns it") { context in
            let member = try await context.openMember(50)
            var project = try await member.projects.insert(
                Fixtures.project(1, visibility: .private))
            let role = try await member.read { [project] tx in
                try tx.projectMembers.membership(of: member.principal.userID, in: project.id)
            }
            #expect(role?.role == .owner && role?.addedBy == member.principal.userID)
            project.name = "Renamed"
            project = try await member.projects.update(project)
            let other = try await context.openMember(51)
            await expectError(.notFound) { [project] in try await other.projects.find(project.id) }
            let admin = try await context.openMember(52, role: .admin)
            let theirs = try await admin.projects.insert(Fixtures.project(2))
            #expect(try await admin.projectMembers.count(where: { $0.projectID == theirs.id }) == 0)
        },
        Scenario("Permissions: a project's owner restores the project they deleted") { context in
            let member = try await context.openMember(50)
            let project = try await member.projects.insert(
                Fixtures.project(1, visibility: .private))
            try await member.models.insert(Fixtures.model(1, in: project.id))
            let maintainer = try await context.openMember(51)
            try await member.projectMembers.insert(
                Fixtures.projectMember(
                    51, of: maintainer.principal.userID, in: project.id, role: .maintainer))
            let other = try await context.openMember(52)
            try await member.projects.delete(project.id)
            let deleted = Query<Project>(deleted: .only)
            #expect(try await member.projects.page(deleted).map(\.id) == [project.id])
            #expect(try await other.projects.page(deleted).isEmpty)
            await expectError(.permissionDenied) {
                try await maintainer.projects.restore(project.id)
            }
            await expectError(.notFound) { try await other.projects.restore(project.id) }
            await expectError(.notFound) { try await other.projects.purge(project.id) }
            try await member.projects.restore(project.id)
            #expect(try await member.models.count() == 1)
            #expect(try await maintainer.models.count() == 1)
            try await member.projects.delete(project.id)
            #expect(try await member.projects.purge(project.id).counts["models"] == 1)
        },
        Scenario("Permissions: an owner deletes, restores and purges their organization") {
            context in
            let id = context.workspace.organizationID
            let (owner, tree) = (context.workspace, try await context.tree())
            let admin = try await context.openMember(50, role: .admin)
            let member = try await context.openMember(51)
            let key = try await context.key(52, ["*": ["*"]])
            let program = try await context.open(key)
            for workspace in [admin, member] {
                await expectError(.permissionDenied) {
                    try await workspace.organizations.delete(id)
                }
                await expectError(.permissionDenied) {
                    try await workspace.organizations.purgePreview(id)
                }
            }
            try await owner.organizations.delete(id)
            await expectError(.permissionDenied) { try await owner.models.find(tree.model.id) }
            await expectError(.permissionDenied) {
                try await owner.projects.insert(Fixtures.project(9))
            }
            await expectError(.permissionDenied) { try await owner.auditLogs.count() }
            for workspace in [admin, member, program] {
                await expectError(.permissionDenied) { try await workspace.projects.count() }
                await expectError(.permissionDenied) {
                    try await workspace.organizations.restore(id)
                }
                await expectError(.permissionDenied) { try await workspace.organizations.purge(id) }
            }
            try await owner.organizations.restore(id)
            #expect(try await owner.models.find(tree.model.id).id == tree.model.id)
            #expect(try await member.models.count() == 1)
            #expect(try await program.models.count() == 1)
            let before = try await owner.read { try $0.auditLogs.verifyChain() }
            try await owner.organizations.delete(id)
            let preview = try await owner.organizations.purgePreview(id)
            #expect(try await owner.organizations.purge(id) == preview)
            #expect(preview.counts["models"] == 1 && preview.counts["organizations"] == 1)
            for workspace in [owner, admin, program] {
                await expectError(.permissionDenied) { try await workspace.models.count() }
            }
            // The audit trail is kept after the purge.
            let actions = try await context.system { tx in
                try tx.auditLogs.all(
                    where: { $0.organizationID == id },
                    order: {
                        [$0.sequence.ascending]
                    }
                ).map(\.action)
            }
            #expect(actions.count == before.count + 2)
            #expect(actions.suffix(2) == ["organization.delete", "organization.purge"])
        },
        Scenario("Permissions: the last owner is not lost under system access either") { context in
            let owner = context.workspace.principal.userID
            let organization = context.workspace.organizationID
            let losses: [@Sendable (any Transaction) throws -> Void] = [
                { _ = try $0.users.deactivate(owner) },
                { _ = try $0.users.delete(owner) },
                { tx in
                    var user = try tx.users.find(owner)
                    user.isActive = false
                    try tx.users.update(user)
                },
                { tx in
                    let tx = try tx.scoped(to: organization, as: .user(owner))
                    _ = try tx.memberships.leave()
                },
                { tx in
                    let tx = try tx.scoped(to: organization, as: .user(owner))
                    _ = try tx.memberships.changeRole(of: owner, to: .admin)
                },
            ]
            for (number, loss) in losses.enumerated() {
                await expectError(.conflict, "loss \(number)") { try await context.system(loss) }
            }
            // An owner who was invited and has joined becomes no guest again.
            let second = try await context.insertMember(60, role: .owner).id
            try await context.system { tx in
                let tx = try tx.scoped(to: organization, as: .user(second))
                let mine = try #require(try tx.memberships.membership(of: second))
                var invited = mine
                invited.id = Identifier()
                (invited.invitedBy, invited.joinedAt) = (owner, Fixtures.date)
                try tx.memberships.delete(mine.id)
                try tx.memberships.insert(history: [Historical(invited)])
                _ = try tx.memberships.changeRole(of: owner, to: .admin)
            }
            let kept = try await context.system { tx in
                let tx = try tx.scoped(to: organization, as: .user(second))
                var mine = try #require(try tx.memberships.membership(of: second))
                mine.joinedAt = nil
                return try tx.memberships.update(mine)
            }
            #expect(kept.joinedAt == Fixtures.date)
        },
        Scenario("OrganizationRepository.restore: nothing comes back without an owner") {
            context in
            let other = try await context.otherWorkspace(50)
            let (id, owner) = (other.organizationID, other.principal.userID)
            try await context.system { try $0.organizations.delete(id) }
            let losses: [@Sendable (any Transaction) throws -> Void] = [
                { _ = try $0.users.delete(owner) }, { _ = try $0.users.erase(owner) },
            ]
            for loss in losses {
                await expectError(.conflict) { try await context.system(loss) }
            }
            try await context.system { _ = try $0.users.deactivate(owner) }
            await expectError(.conflict) {
                try await context.system { _ = try $0.organizations.restore(id) }
            }
            try await context.system { tx in
                _ = try tx.users.activate(owner)
                try tx.organizations.restore(id)
            }
            #expect(try await other.organizations.find(id).deletedAt == nil)
            try await context.system { tx in
                try tx.organizations.delete(id)
                try tx.organizations.purge(id)
                _ = try tx.users.erase(owner)
            }
        },
        Scenario("Who leaves an organization gets nothing back with what was deleted before") {
            context in
            let organization = context.workspace.organizationID
            let leaves: [(String, @Sendable (any Transaction, Identifier<User>) throws -> Void)] = [
                (
                    "membership",
                    { tx, user in
                        let tx = try tx.scoped(to: organization, as: .user(user))
                        _ = try tx.memberships.leave()
                    }
                ),
                ("delete", { _ = try $0.users.delete($1) }),
                ("erase", { _ = try $0.users.erase($1) }),
            ]
            for (index, (name, leave)) in leaves.enumerated() {
                let number = 50 + index
                let user = try await context.insertMember(number).id
                let project = try await context.workspace.projects.insert(
                    Fixtures.project(number, visibility: .private))
                let role = try await context.workspace.projectMembers.insert(
                    Fixtures.projectMember(number, of: user, in: project.id, role: .owner))
                try await context.workspace.projects.delete(project.id)
                try await context.system { try leave($0, user) }
                if name == "delete" { try await context.system { _ = try $0.users.restore(user) } }
                if name != "delete" {
                    try await context.workspace.memberships.insert(
                        Fixtures.membership(number + 10, of: user))
                }
                if name == "membership" {
                    let theirs = try await context.open(user)
                    let deleted = Query<Project>(deleted: .only)
                    #expect(try await theirs.projects.page(deleted).isEmpty)
                    await expectError(.notFound) { try await theirs.projects.restore(project.id) }
                }
                // What somebody else deleted meanwhile does not keep the project from coming back.
                try await context.workspace.projects.restore(project.id)
                let members = try await context.read {
                    try $0.projectMembers.members(of: project.id)
                }
                #expect(!members.contains { $0.user.id == user }, "\(name)")
                let membership = try #require(
                    try await context.read { try $0.memberships.membership(of: user) })
                try await context.workspace.memberships.delete(membership.id)
                await expectError(.conflict, "\(name)") {
                    try await context.workspace.projectMembers.restore(role.id)
                }
            }
        },
        Scenario("Who is erased does not come back with a deleted organization") { context in
            let organization = context.workspace.organizationID
            let user = try await context.insertMember(50).id
            try await context.system { tx in
                try tx.organizations.delete(organization)
                _ = try tx.users.erase(user)
                try tx.organizations.restore(organization)
            }
            #expect(try await context.read { try $0.memberships.membership(of: user) } == nil)
        },
        Scenario("Permissions: the last owner neither leaves nor is removed or demoted") {
            context in
            let owner = context.workspace
            let mine = try #require(
                try await context.read { try $0.memberships.membership(of: owner.principal.userID) }
            )
            var demoted = mine
            demoted.role = .admin
            let lowered = demoted
            let admin = try await context.openMember(50, role: .admin)
            func expectKept(_ why: String) async {
                await expectError(.conflict, why) { try await owner.memberships.delete(mine.id) }
                await expectError(.conflict, why) { try await owner.memberships.update(lowered) }
                await expectError(.permissionDenied, why) {
                    try await admin.memberships.delete(mine.id)
                }
            }
            await expectKept("nobody else")
            let invited = try await context.insertUser(51).id
            var invitation = try await owner.memberships.insert(
                OrganizationMembership(
                    user: invited, role: .owner, invitedBy: owner.principal.userID))
            await expectKept("the other one has not accepted yet")
            invitation.joinedAt = Fixtures.date
            invitation = try await owner.memberships.update(invitation)
            #expect(invitation.joinedAt == nil)
            await expectKept("only the invited user accepts")
            try await context.store.acceptInvitation(to: owner.organizationID, as: invited)
            try await context.system { tx in
                var user = try tx.users.find(invited)
                user.isActive = false
                try tx.users.update(user)
            }
            await expectKept("the other one is not active")
            try await context.system { tx in
                var user = try tx.users.find(invited)
                user.isActive = true
                try tx.users.update(user)
            }
            try await owner.memberships.update(lowered)
            await expectError(.permissionDenied, "an admin now") {
                try await owner.organizations.delete(owner.organizationID)
            }
        },
        Scenario("Permissions: of owners who all leave at once one stays") { context in
            for (round, leaves) in [(1, true), (2, false)] {
                let base = round * 10 + 50
                let other = try await context.otherWorkspace(base)
                var owners = [other]
                for number in base + 1...base + 4 {
                    let user = try await context.insertUser(number).id
                    try await other.memberships.insert(
                        Fixtures.membership(number, of: user, role: .owner))
                    owners.append(
                        try await context.store.workspace(
                            organization: other.organizationID, as: .user(user)))
                }
                let codes = await withTaskGroup { group in
                    for owner in owners {
                        group.addTask { await context.code { try await owner.stepDown(leaves) } }
                    }
                    return await group.reduce(into: [StoreError.Code?]()) { $0.append($1) }
                }
                #expect(codes.filter { $0 == nil }.count == 4 && codes.contains(.conflict))
                let left = try await context.system { tx in
                    try tx.memberships.count(where: {
                        $0.organizationID == other.organizationID && $0.role == .owner
                    })
                }
                #expect(left == 1)
            }
        },
    ]
}

extension Workspace {
    /// Gives up the ownership of the organization: by leaving it, or as an admin.
    fileprivate func stepDown(_ leaves: Bool) async throws {
        let user = principal.userID
        try await write { tx in
            guard var own = try tx.memberships.membership(of: user) else {
                throw StoreError(.notFound, "There is no membership.")
            }
            if leaves {
                try tx.memberships.delete(own.id)
            } else {
                own.role = .admin
                try tx.memberships.update(own)
            }
        }
    }
}
