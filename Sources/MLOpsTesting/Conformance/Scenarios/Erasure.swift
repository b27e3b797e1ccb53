import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// The erasure of a person's data.
    static let erasure: [Scenario] = [
        Scenario("UserRepository.erase leaves a nameless user and nothing of the person") {
            context in
            let user = try await context.system {
                try $0.users.insert(
                    User(
                        email: "ada@lovelace.example", firstName: "Augusta", lastName: "Lovelace",
                        avatarURL: "https://lovelace.example/ada.png",
                        settings: ["city": "London"]))
            }
            try await context.workspace.memberships.insert(Fixtures.membership(2, of: user.id))
            let other = try await context.otherWorkspace(3)
            try await other.memberships.insert(Fixtures.membership(4, of: user.id))
            let key = try await other.issueAPIKey(
                name: "key", permissions: .everything, for: user.id)
            let theirs = try await context.store.workspace(
                organization: context.workspace.organizationID, as: .user(user.id))
            let project = try await theirs.projects.insert(Fixtures.project(1))
            try await context.setPassword("correct horse", for: user.id)
            _ = try await context.signIn("ada@lovelace.example", "correct horse")
            let systemStart = try await context.systemChainLength()
            let start = try await context.chainLength()
            let erased = try await context.system { try $0.users.erase(user.id) }
            #expect(erased.email == "erased-\(user.id)@erased.invalid")
            #expect(erased.firstName.isEmpty && erased.lastName.isEmpty)
            #expect(erased.avatarURL == nil && erased.settings == [:] && !erased.isActive)
            #expect(erased.passwordHash == nil && erased.deletedAt == nil)
            #expect(try await context.workspace.users.findIfExists(user.id) == nil)
            await expectError(.permissionDenied) { try await theirs.projects.count() }
            await expectError(.permissionDenied) {
                try await context.store.workspace(apiKey: key.token)
            }
            #expect(try await other.apiKeys.find(key.key.id).revokedAt != nil)
            #expect(try await other.memberships.count() == 1)
            #expect(try await context.workspace.projects.find(project.id).createdBy == user.id)
            let system = try await context.systemEntries(after: systemStart)
            #expect(system.map(\.action) == ["user.erase"])
            let entries = try await context.entries(after: start)
            #expect(
                entries.map(\.action) == [
                    "organization_membership.delete", "project_member.delete",
                ])
            let trail = try await context.system { try $0.auditLogs.all() }
            #expect(trail.filter { $0.action == "api_key.revoke" }.count == 1)
            let text = "\(trail)".lowercased()
            for personal in ["ada@", "augusta", "lovelace", "london"] {
                #expect(!text.contains(personal))
            }
            #expect(text.contains(user.id.description))
        },
        Scenario("UserRepository: who goes has no key in a deleted organization either") {
            context in
            let ends: [@Sendable (any UserRepository, Identifier<User>) throws -> Void] = [
                { _ = try $0.erase($1) },
                { users, user in
                    try users.delete(user)
                    try users.restore(user)
                },
            ]
            for (number, end) in zip([50, 60], ends) {
                let other = try await context.otherWorkspace(number)
                let user = try await context.insertUser(number + 1).id
                try await other.memberships.insert(Fixtures.membership(number + 1, of: user))
                let key = try await other.issueAPIKey(
                    name: "key", permissions: .everything, for: user)
                let issued = try await context.store.workspace(apiKey: key.token)
                    .issueAPIKey(name: "issued", permissions: .everything)
                try await other.organizations.delete(other.organizationID)
                try await context.system { try end($0.users, user) }
                try await other.organizations.restore(other.organizationID)
                try await context.system { _ = try $0.users.activate(user) }
                for key in [key, issued] {
                    #expect(try await other.apiKeys.find(key.key.id).revokedAt != nil)
                    await expectError(.permissionDenied) {
                        try await context.store.workspace(apiKey: key.token)
                    }
                }
            }
        },
        Scenario("UserRepository.erase does not take an organization its last owner") { context in
            let owner = context.workspace.principal.userID
            await expectError(.conflict) {
                try await context.system { try $0.users.erase(owner) }
            }
            let kept = try await context.workspace.users.find(owner)
            #expect(kept.isActive)
            await expectError(.notFound) {
                try await context.system { try $0.users.erase(Identifier()) }
            }
        },
        Scenario("Store.scrub keeps every row, and says where erased ones may still be") {
            context in
            let tree = try await context.tree()
            let user = try await context.insertUser(2)
            try await context.system { _ = try $0.users.erase(user.id) }
            let report = try await context.store.scrub()
            // On PostgreSQL only the owner of a table may vacuum it.
            #expect(report.isClean || report.remains.contains { $0.contains("as the owner") })
            #expect(report.remains.allSatisfy { $0.hasSuffix(".") })
            #expect(try await context.workspace.runs.find(tree.run.id) == tree.run)
            try await context.workspace.projects.insert(Fixtures.project(9))
        },
        Scenario("UserRepository.erase of a deleted user") { context in
            let user = try await context.insertUser(2)
            let erased = try await context.system { tx in
                try tx.users.delete(user.id)
                return try tx.users.erase(user.id)
            }
            #expect(erased.deletedAt != nil && erased.email.hasSuffix("@erased.invalid"))
            let restored = try await context.system { try $0.users.restore(user.id) }
            #expect(restored.lastName.isEmpty && !restored.isActive)
        },
    ]
}
