import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Users, organizations and memberships.
    static let identity: [Scenario] = [
        Scenario("UserRepository.withEmail finds an address in any spelling") { context in
            let user = try await context.insertUser(2, email: "  Äda@Example.COM ")
            #expect(user.email == "äda@example.com")
            for spelling in ["äda@example.com", "ÄDA@EXAMPLE.com ", "a\u{308}da@example.com"] {
                let found = try await context.system { try $0.users.withEmail(spelling) }
                #expect(found?.id == user.id, "\(spelling)")
            }
            await expectError(.alreadyExists) {
                try await context.insertUser(3, email: "äda@EXAMPLE.com")
            }
            for email in ["", "ada", "@", "ada@", "@example.com"] {
                await expectError(.invalidValue, email) {
                    try await context.insertUser(4, email: email)
                }
            }
        },
        Scenario("UserRepository: update, delete, restore and purge under system access") {
            context in
            let user = try await context.insertUser(2)
            let renamed = try await context.system { tx in
                var copy = user
                copy.firstName = "Grace"
                return try tx.users.update(copy)
            }
            #expect(renamed.firstName == "Grace" && renamed.revision == 2)
            await expectError(.conflict) { try await context.system { try $0.users.update(user) } }
            try await context.system { try $0.users.delete(user.id) }
            let gone = try await context.system { try $0.users.withEmail(user.email) }
            #expect(gone == nil)
            let usurper = try await context.insertUser(3, email: user.email)
            await expectError(.alreadyExists) {
                try await context.system { try $0.users.restore(user.id) }
            }
            try await context.system { tx in
                try tx.users.delete(usurper.id)
                try tx.users.restore(user.id)
                try tx.users.delete(user.id)
            }
            let purged = try await context.system { try $0.users.purge(user.id) }
            #expect(purged.counts == ["users": 1])
        },
        Scenario("OrganizationRepository.withSlug finds a name in any spelling") { context in
            let stored = try await context.system {
                try $0.organizations.insert(Fixtures.organization(2, name: "Ácme ML, Corp."))
            }
            #expect(stored.slug == "acme-ml-corp")
            for spelling in ["acme-ml-corp", "ACME ml corp", " Ácme–ML–Corp "] {
                let found = try await context.system { try $0.organizations.withSlug(spelling) }
                #expect(found == stored, "\(spelling)")
            }
            await expectError(.alreadyExists) {
                try await context.system {
                    try $0.organizations.insert(Fixtures.organization(3, name: "Acme ML Corp"))
                }
            }
            for (field, value) in [("max_users", 0), ("max_projects", -1), ("max_models", 0)] {
                let error = await expectError(.checkViolation) {
                    try await context.system {
                        try $0.organizations.insert(
                            Fixtures.organization(
                                4, maxUsers: field == "max_users" ? value : nil,
                                maxProjects: field == "max_projects" ? value : nil,
                                maxModels: field == "max_models" ? value : nil))
                    }
                }
                #expect(error?.field?.contains(field) == true)
            }
        },
        Scenario("OrganizationMembershipRepository: membership, members and of(user:)") { context in
            let viewer = try await context.insertMember(3, role: .viewer)
            let admin = try await context.insertMember(2, role: .admin)
            let stranger = try await context.insertUser(4)
            let owner = context.workspace.principal.userID
            let found = try await context.read { tx in
                (
                    one: try tx.memberships.membership(of: admin.id),
                    none: try tx.memberships.membership(of: stranger.id),
                    members: try tx.memberships.members(),
                    ofUser: try tx.memberships.of(user: viewer.id)
                )
            }
            #expect(found.one?.role == .admin && found.none == nil)
            #expect(found.members.map(\.user.id) == [owner, admin.id, viewer.id])
            #expect(found.members.map(\.membership.role) == [.owner, .admin, .viewer])
            #expect(found.ofUser.map(\.role) == [.viewer])
            await expectError(.alreadyExists) {
                try await context.workspace.memberships.insert(
                    Fixtures.membership(9, of: admin.id))
            }
            let other = try await context.otherWorkspace(7)
            try await other.memberships.insert(Fixtures.membership(8, of: admin.id))
            let everywhere = try await context.system { try $0.memberships.of(user: admin.id) }
            #expect(everywhere.count == 2)
        },
        Scenario("ProjectRepository.withSlug and ofMember") { context in
            let tree = try await context.tree()
            let user = try await context.insertMember(2)
            let second = try await context.workspace.projects.insert(
                Fixtures.project(2, name: "A second one"))
            for (number, project) in [(2, tree.project.id), (3, second.id)] {
                try await context.workspace.projectMembers.insert(
                    Fixtures.projectMember(number, of: user.id, in: project))
            }
            let found = try await context.read { tx in
                (
                    slug: try tx.projects.withSlug("A SECOND öne?"),
                    none: try tx.projects.withSlug("third"),
                    member: try tx.projects.ofMember(user.id)
                )
            }
            #expect(found.slug == second)
            #expect(found.none == nil && found.member == [second, tree.project])
        },
        Scenario("ProjectMemberRepository.membership and members") { context in
            let tree = try await context.tree()
            let user = try await context.insertMember(2)
            let member = try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(2, of: user.id, in: tree.project.id, role: .viewer))
            #expect(member.addedBy == context.workspace.principal.userID)
            let found = try await context.read { tx in
                (
                    one: try tx.projectMembers.membership(of: user.id, in: tree.project.id),
                    all: try tx.projectMembers.members(of: tree.project.id)
                )
            }
            #expect(found.one == member)
            #expect(found.all.map(\.user.id) == [context.workspace.principal.userID, user.id])
            await expectError(.alreadyExists) {
                try await context.workspace.projectMembers.insert(
                    Fixtures.projectMember(3, of: user.id, in: tree.project.id))
            }
        },
        Scenario("Store.workspace refuses who does not belong or may not act") { context in
            let organization = context.workspace.organizationID
            let member = try await context.insertMember(2)
            let stranger = try await context.insertUser(3)
            let asMember = Principal.user(member.id)
            _ = try await context.store.workspace(organization: organization, as: asMember)
            await expectError(.permissionDenied) {
                try await context.store.workspace(
                    organization: organization, as: .user(stranger.id))
            }
            await expectError(.notFound) {
                try await context.store.workspace(organization: Identifier(), as: asMember)
            }
            try await context.system { tx in
                var user = try tx.users.find(member.id)
                user.isActive = false
                try tx.users.update(user)
            }
            await expectError(.permissionDenied) {
                try await context.store.workspace(organization: organization, as: asMember)
            }
            try await context.system { tx in
                var suspended = try tx.organizations.find(organization)
                suspended.subscriptionStatus = .suspended
                try tx.organizations.update(suspended)
            }
            await expectError(.permissionDenied) {
                try await context.store.workspace(
                    organization: organization, as: context.workspace.principal)
            }
        },
        Scenario("Store.localWorkspace is the same at every call, also at once") { context in
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask { try await context.store.localWorkspace() }
                }
                for try await workspace in group {
                    #expect(workspace.organizationID == context.workspace.organizationID)
                    #expect(workspace.principal == context.workspace.principal)
                }
            }
        },
        Scenario("created_by is who acts, whatever the value says") { context in
            let user = try await context.insertMember(2)
            let theirs = try await context.store.workspace(
                organization: context.workspace.organizationID, as: .user(user.id))
            let mine = try await context.workspace.projects.insert(Fixtures.project(1))
            #expect(mine.createdBy == context.workspace.principal.userID)
            #expect(try await theirs.projects.insert(Fixtures.project(2)).createdBy == user.id)
        },
        Scenario("OrganizationMembershipRepository.insert of a deleted user is refused") {
            context in
            let user = try await context.insertUser(2)
            try await context.system { try $0.users.delete(user.id) }
            let error = await expectError(.notFound) {
                try await context.workspace.memberships.insert(
                    Fixtures.membership(2, of: user.id))
            }
            #expect(error?.entity == "user" && error?.field == "user_id")
            #expect(try await context.workspace.memberships.count() == 1)
        },
        Scenario("Repositories of users and organizations under system access") { context in
            let counts = try await context.system { tx in
                try tx.users.insert(
                    contentsOf: (2...9).map { Fixtures.user($0) })
                try tx.organizations.insert(
                    contentsOf: (2...5).map { Fixtures.organization($0) })
                return (try tx.users.count(), try tx.organizations.count())
            }
            #expect(counts == (9, 5))
            let seen = try await context.system { tx in
                var emails: [String] = []
                try tx.users.forEach(Query(order: { [$0.email.ascending] })) {
                    emails.append($0.email)
                    return emails.count < 3
                }
                var slugs: [String] = []
                var cursor: Cursor?
                repeat {
                    let page = try tx.organizations.page(
                        Query(
                            where: { $0.name != "Local" }, order: { [$0.slug.descending] },
                            limit: 3, after: cursor))
                    slugs += page.map(\.slug)
                    cursor = page.next
                } while cursor != nil
                return (emails, slugs)
            }
            #expect(seen.0 == ["local@localhost", "user2@example.com", "user3@example.com"])
            #expect(seen.1 == (2...5).reversed().map { "organization-\($0)" })
            await expectError(.alreadyExists, "all or none") {
                try await context.system {
                    try $0.users.insert(
                        contentsOf: [
                            Fixtures.user(20), Fixtures.user(21, email: "user2@example.com"),
                        ])
                }
            }
            #expect(try await context.system { try $0.users.count() } == 9)
        },
    ]
}
