import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// The rotation of API keys.
    static let apiKeyRotation: [Scenario] = [
        Scenario("Workspace.rotateAPIKey: both keys are valid until the overlap ends") { context in
            let user = try await context.insertMember(2)
            let permissions = APIKeyPermissions(scopes: ["models": ["read"]])
            let old = try await context.workspace.issueAPIKey(
                name: "key", permissions: permissions, for: user.id, environment: "test",
                expiresIn: .seconds(7200))
            let start = try await context.chainLength()
            let new = try await context.workspace.rotateAPIKey(
                old.key.id, overlap: .seconds(3600))
            #expect(new.key.name == "key" && new.key.userID == user.id)
            #expect(new.key.permissions == permissions)
            #expect(new.key.keyPrefix.hasPrefix("mlops_test_"))
            #expect(new.key.keyPrefix != old.key.keyPrefix && new.key.keyHash != old.key.keyHash)
            let lifetime = try #require(new.key.expiresAt).timeIntervalSince(new.key.createdAt)
            #expect(abs(lifetime - 7200) < 60)
            let ending = try await context.workspace.apiKeys.find(old.key.id)
            let rest = try #require(ending.expiresAt).timeIntervalSince(new.key.createdAt)
            #expect(abs(rest - 3600) < 60)
            for token in [old.token, new.token] {
                _ = try await context.store.workspace(apiKey: token)
            }
            let entries = try await context.workspace.auditLogs.all(
                where: { $0.sequence > start }, order: { [$0.sequence.ascending] })
            #expect(entries.map(\.action) == ["api_key.create", "api_key.update"])
            #expect(
                entries.map(\.resourceID) == [new.key.id.description, old.key.id.description])
        },
        Scenario("Workspace.rotateAPIKey without an overlap ends the old key at once") { context in
            let old = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything, expiresIn: nil)
            let new = try await context.workspace.rotateAPIKey(old.key.id, overlap: .zero)
            #expect(new.key.expiresAt == nil)
            await expectError(.permissionDenied) {
                try await context.store.workspace(apiKey: old.token)
            }
            _ = try await context.store.workspace(apiKey: new.token)
        },
        Scenario("Workspace.rotateAPIKey: an overlap does not prolong the old key") { context in
            let old = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything, expiresIn: .seconds(3600))
            _ = try await context.workspace.rotateAPIKey(old.key.id, overlap: .seconds(7200))
            let kept = try await context.workspace.apiKeys.find(old.key.id)
            #expect(kept.expiresAt == old.key.expiresAt)
        },
        Scenario("Workspace.rotateAPIKey refuses a key that has ended") { context in
            let workspace = context.workspace
            let old = try await workspace.issueAPIKey(name: "key", permissions: .everything)
            await expectError(.invalidValue) {
                try await workspace.rotateAPIKey(old.key.id, overlap: .seconds(-1))
            }
            try await context.write { _ = try $0.apiKeys.revoke(old.key.id) }
            await expectError(.conflict) { try await workspace.rotateAPIKey(old.key.id) }
            await expectError(.notFound) { try await workspace.rotateAPIKey(Identifier()) }
            let other = try await context.otherWorkspace()
            let foreign = try await other.issueAPIKey(name: "key", permissions: .everything)
            await expectError(.notFound) { try await workspace.rotateAPIKey(foreign.key.id) }
            #expect(try await workspace.apiKeys.count() == 1)
        },
        Scenario("Workspace.rotateAPIKey: a key may rotate itself and gains nothing") { context in
            let owner = context.workspace.principal.userID
            let narrow = APIKeyPermissions(scopes: ["api_keys": ["write"], "models": ["read"]])
            let old = try await context.workspace.issueAPIKey(name: "key", permissions: narrow)
            let wide = try await context.workspace.issueAPIKey(
                name: "wide", permissions: .everything)
            let program = try await context.store.workspace(apiKey: old.token)
            let new = try await program.rotateAPIKey(old.key.id)
            #expect(new.key.userID == owner && new.key.permissions == narrow)
            await expectError(.permissionDenied) { try await program.rotateAPIKey(wide.key.id) }
            await expectError(.permissionDenied) {
                try await program.issueAPIKey(name: "more", permissions: .everything)
            }
        },
    ]
}
