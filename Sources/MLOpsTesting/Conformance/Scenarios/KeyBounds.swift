import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// What nobody can do with an API key, and what ends with it.
    static let keyBounds: [Scenario] = [
        Scenario("API keys: no call widens, prolongs or revives a key") { context in
            let workspace = context.workspace
            let narrow = APIKeyPermissions(scopes: ["models": ["write"]])
            let issued = try await workspace.issueAPIKey(
                name: "key", permissions: narrow, expiresIn: .seconds(3600))
            let (key, admin) = (issued.key, try await context.openMember(50, role: .admin))
            for actor in [workspace, admin] {
                for wider in [.everything, APIKeyPermissions(scopes: ["models": ["*"]])] {
                    await expectError(.permissionDenied, "\(wider)") {
                        try await actor.write { try $0.apiKeys.grant(wider, to: key.id) }
                    }
                }
                for later in [nil, key.expiresAt?.addingTimeInterval(1)] {
                    await expectError(.permissionDenied, "a later end") {
                        try await actor.write { try $0.apiKeys.expire(key.id, at: later) }
                    }
                }
            }
            var copy = key
            (copy.permissions, copy.expiresAt, copy.limits) = (.everything, nil, .none)
            (copy.userID, copy.keyHash) = (admin.principal.userID, "another")
            let updated = try await workspace.apiKeys.update(copy)
            #expect(updated.permissions == narrow && updated.expiresAt == key.expiresAt)
            #expect(updated.userID == key.userID && updated.keyHash == key.keyHash)
            try await workspace.write { tx in
                _ = try tx.apiKeys.expire(key.id, at: Fixtures.date)
            }
            await expectError(.permissionDenied, "an end that is over") {
                try await workspace.write { try $0.apiKeys.expire(key.id, at: nil) }
            }
            await context.expectRefused(issued)
        },
        Scenario("API keys: a key is switched on by an admin, and an owner's by an owner") {
            context in
            let admin = try await context.openMember(50, role: .admin)
            let member = try await context.openMember(51)
            let theirs = try await context.key(1, ["*": ["*"]], of: member.principal.userID)
            let owners = try await context.key(2, ["*": ["*"]])
            for key in [theirs, owners] {
                var off = key
                off.isActive = false
                try await admin.apiKeys.update(off)
            }
            for (actor, key) in [(member, theirs), (admin, owners)] {
                await expectError(.permissionDenied) { try await actor.switchOn(key.id) }
            }
            try await admin.switchOn(theirs.id)
            try await context.workspace.switchOn(owners.id)
            _ = try await context.open(theirs)
        },
        Scenario("API keys: a deleted key is revoked, and its hash opens nothing again") {
            context in
            let user = try await context.insertMember(50).id
            let workspace = context.workspace
            let issued = try await workspace.issueAPIKey(
                name: "key", permissions: .everything, for: user)
            try await workspace.apiKeys.delete(issued.key.id)
            let again = try await workspace.apiKeys.insert(
                APIKey(
                    user: user, name: "again", keyPrefix: issued.key.keyPrefix,
                    keyHash: issued.key.keyHash, permissions: .everything))
            #expect(again.keyPrefix != issued.key.keyPrefix)
            #expect(again.keyHash != issued.key.keyHash)
            await context.expectRefused(issued)
            let restored = try await workspace.apiKeys.restore(issued.key.id)
            #expect(restored.revokedAt != nil && !restored.isActive)
            await context.expectRefused(issued)
            // An inserted key gets a text by its rotation.
            let rotated = try await workspace.rotateAPIKey(again.id)
            _ = try await context.store.workspace(apiKey: rotated.token)
        },
        Scenario("API keys: a deleted key does not outlive its user's removal") { context in
            let user = try await context.insertMember(50).id
            let key = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything, for: user)
            try await context.workspace.apiKeys.delete(key.key.id)
            let id = try await context.read { try $0.memberships.membership(of: user)?.id }
            try await context.workspace.memberships.delete(try #require(id))
            try await context.workspace.apiKeys.restore(key.key.id)
            try await context.workspace.memberships.insert(Fixtures.membership(60, of: user))
            await context.expectRefused(key)
            let last = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything, for: user)
            try await context.system { tx in
                try tx.users.delete(user)
                try tx.users.restore(user)
            }
            await context.expectRefused(last)
        },
        Scenario("API keys: what a key issues rests while the key's user is inactive") { context in
            let admin = try await context.insertMember(50, role: .admin).id
            let other = try await context.insertMember(51).id
            let parent = try await context.workspace.issueAPIKey(
                name: "parent", permissions: .everything, for: admin)
            let child = try await context.store.workspace(apiKey: parent.token).issueAPIKey(
                name: "child", permissions: .everything, for: other)
            let program = try await context.store.workspace(apiKey: child.token)
            try await context.system { _ = try $0.users.deactivate(admin) }
            await expectError(.permissionDenied) { try await program.models.count() }
            await context.expectRefused(child)
            try await context.system { _ = try $0.users.activate(admin) }
            #expect(try await program.models.count() == 0)
        },
        Scenario("API keys: what a key issues has no more time, and ends with it") { context in
            let keys: [(String, @Sendable (any APIKeyRepository, APIKey) throws -> Void)] = [
                ("revoked", { _ = try $0.revoke($1.id) }),
                ("deleted", { _ = try $0.delete($1.id) }),
                ("expired", { _ = try $0.expire($1.id, at: Fixtures.date) }),
                ("narrowed", { _ = try $0.grant(APIKeyPermissions(), to: $1.id) }),
                (
                    "switched off",
                    { keys, key in
                        var off = try keys.find(key.id)
                        off.isActive = false
                        _ = try keys.update(off)
                    }
                ),
            ]
            for (how, end) in keys {
                let first = try await context.workspace.issueAPIKey(
                    name: "first", permissions: .everything, expiresIn: .seconds(3600))
                let second = try await context.issue(with: first)
                let third = try await context.issue(with: second)
                #expect(second.key.expiresAt == first.key.expiresAt)
                #expect(third.key.expiresAt == first.key.expiresAt)
                #expect(third.key.issuerKeyID == second.key.id)
                let program = try await context.store.workspace(apiKey: third.token)
                _ = try await program.models.count()
                try await context.write { try end($0.apiKeys, first.key) }
                await expectError(.permissionDenied, how) { try await program.models.count() }
                guard how == "revoked" || how == "deleted" else { continue }
                let stored = try await context.workspace.apiKeys.page(
                    Query(where: { $0.id == third.key.id }, deleted: .included)
                ).records
                #expect(stored.first?.revokedAt != nil, "\(how)")
            }
        },
        Scenario("API keys: a key that rotates itself gains no time") { context in
            let first = try await context.workspace.issueAPIKey(
                name: "first", permissions: .everything, expiresIn: .seconds(3600))
            let second = try await context.issue(with: first)
            for old in [second, first] {
                let program = try await context.store.workspace(apiKey: old.token)
                let new = try await program.rotateAPIKey(old.key.id, overlap: .zero)
                #expect(new.key.expiresAt == old.key.expiresAt)
                #expect(new.key.issuerKeyID == old.key.id)
                await context.expectRefused(old)
                guard old == first else { continue }
                _ = try await context.store.workspace(apiKey: new.token)
            }
        },
        Scenario("API keys: what a key made of itself ends when it is revoked or deleted") {
            context in
            let ends: [@Sendable (any APIKeyRepository, APIKey) throws -> Void] = [
                { _ = try $0.revoke($1.id) }, { _ = try $0.delete($1.id) },
            ]
            for end in ends {
                let first = try await context.workspace.issueAPIKey(
                    name: "first", permissions: .everything)
                let second = try await context.rotate(first, with: first)
                let third = try await context.rotate(second, with: second)
                let issued = try await context.issue(with: third)
                // A person's rotation keeps the place of the key.
                let fourth = try await context.workspace.rotateAPIKey(third.key.id)
                for key in [third, issued, fourth] {
                    _ = try await context.store.workspace(apiKey: key.token)
                }
                try await context.write { try end($0.apiKeys, first.key) }
                for key in [third, issued, fourth] { await context.expectRefused(key) }
            }
        },
        Scenario("API keys: a rotation keeps the rights in projects made since") { context in
            let member = try await context.openMember(50)
            let old = try await member.issueAPIKey(name: "key", permissions: .everything)
            let program = try await context.store.workspace(apiKey: old.token)
            let project = try await program.projects.insert(
                Fixtures.project(1, visibility: .private))
            let own = try await context.rotate(old, with: old, overlap: .seconds(3600))
            let theirs = try await context.workspace.rotateAPIKey(old.key.id)
            for (number, key) in [(1, own), (2, theirs)] {
                let successor = try await context.store.workspace(apiKey: key.token)
                let model = try await successor.models.insert(
                    Fixtures.model(number, in: project.id))
                try await successor.models.delete(model.id)
            }
        },
        Scenario("API keys: the rights of the maker at issue and of the user now, the smaller") {
            context in
            let tree = try await context.tree()
            let hidden = try await context.workspace.projects.insert(
                Fixtures.project(9, visibility: .private))
            let member = try await context.openMember(50)
            let user = member.principal.userID
            let role = try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(50, of: user, in: tree.project.id, role: .contributor))
            let made = try await member.apiKeys.insert(
                Fixtures.apiKey(50, of: user, permissions: .everything))
            #expect(made.limits.projects == [tree.project.id: .contributor])
            let program = try await context.open(made)
            let model = try await program.models.update(tree.model)

            var raised = role
            raised.role = .owner
            raised = try await context.workspace.projectMembers.update(raised)
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(51, of: user, in: hidden.id, role: .owner))
            #expect(try await member.projects.count() == 2)
            #expect(try await program.projects.count() == 1)
            await expectError(.permissionDenied) { try await program.models.delete(model.id) }
            try await context.write { _ = try $0.memberships.changeRole(of: user, to: .owner) }
            await expectError(.permissionDenied) { try await program.models.delete(model.id) }
            await expectError(.permissionDenied) { try await program.auditLogs.count() }
            #expect(try await program.projects.count() == 1)

            try await context.write { _ = try $0.memberships.changeRole(of: user, to: .member) }
            // Whoever makes a project owns it, and so does the key that makes one.
            let own = try await program.projects.insert(
                Fixtures.project(10, visibility: .private))
            let first = try await program.models.insert(Fixtures.model(10, in: own.id))
            try await program.models.delete(first.id)
            raised.role = .viewer
            try await context.workspace.projectMembers.update(raised)
            await expectError(.permissionDenied) { try await program.models.update(model) }
        },
    ]
}

extension Workspace {
    fileprivate func switchOn(_ id: Identifier<APIKey>) async throws {
        try await write { tx in
            var key = try tx.apiKeys.find(id)
            key.isActive = true
            try tx.apiKeys.update(key)
        }
    }
}

extension ConformanceContext {
    /// A key that a program makes with another key, without an end of its own.
    fileprivate func issue(with key: IssuedAPIKey) async throws -> IssuedAPIKey {
        try await store.workspace(apiKey: key.token)
            .issueAPIKey(name: "issued", permissions: .everything, expiresIn: nil)
    }

    /// Rotates a key with another one, or with itself.
    fileprivate func rotate(
        _ key: IssuedAPIKey, with acting: IssuedAPIKey, overlap: Duration = .zero
    ) async throws -> IssuedAPIKey {
        try await store.workspace(apiKey: acting.token)
            .rotateAPIKey(key.key.id, overlap: overlap)
    }

    fileprivate func expectRefused(_ key: IssuedAPIKey) async {
        await expectError(.permissionDenied) { try await store.workspace(apiKey: key.token) }
    }
}
