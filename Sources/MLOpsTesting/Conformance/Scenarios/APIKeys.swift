import Foundation
import Logging
import MLOpsCore
import Testing

extension Conformance {
    /// API keys, from issuing to their end.
    static let apiKeys: [Scenario] = [
        Scenario("Workspace.issueAPIKey: its text opens a workspace and is not stored") { context in
            let user = try await context.insertMember(2)
            let permissions = APIKeyPermissions(scopes: ["projects": ["write"]])
            let issued = try await context.workspace.issueAPIKey(
                name: "training", permissions: permissions, for: user.id, environment: "test")
            #expect(issued.key.permissions == permissions && issued.key.name == "training")
            #expect(issued.key.keyPrefix.hasPrefix("mlops_test_"))
            #expect(issued.token.reveal().hasPrefix(issued.key.keyPrefix))
            #expect(!issued.key.keyHash.contains(issued.token.reveal().suffix(49)))
            #expect(!"\(issued)".contains(issued.token.reveal()))
            #expect(try await context.workspace.apiKeys.find(issued.key.id) == issued.key)
            let lifetime = try #require(issued.key.expiresAt)
                .timeIntervalSince(issued.key.createdAt)
            #expect(abs(lifetime - 90 * 86_400) < 60)
            let opened = try await context.store.workspace(apiKey: issued.token)
            #expect(opened.organizationID == context.workspace.organizationID)
            #expect(opened.principal == .apiKey(issued.key.id, user: user.id))
            try await opened.projects.insert(Fixtures.project(1))
            await expectError(.permissionDenied) { try await opened.models.count() }
        },
        Scenario("Workspace.issueAPIKey: what cannot be is refused") { context in
            let workspace = context.workspace
            let eternal = try await workspace.issueAPIKey(
                name: "eternal", permissions: .everything, expiresIn: nil)
            #expect(eternal.key.expiresAt == nil)
            #expect(eternal.key.userID == workspace.principal.userID)
            for environment in ["", "Live", "a_b", String(repeating: "a", count: 17)] {
                await expectError(.invalidValue, environment) {
                    try await workspace.issueAPIKey(
                        name: "x", permissions: .everything, environment: environment)
                }
            }
            for lifetime in [Duration.zero, .seconds(-1)] {
                await expectError(.invalidValue) {
                    try await workspace.issueAPIKey(
                        name: "x", permissions: .everything, expiresIn: lifetime)
                }
            }
            await expectError(.invalidValue, "an unknown action") {
                try await workspace.issueAPIKey(
                    name: "x", permissions: APIKeyPermissions(scopes: ["models": ["fly"]]))
            }
            let error = await expectError(.invalidValue, "an unknown table") {
                try await workspace.issueAPIKey(
                    name: "x", permissions: APIKeyPermissions(scopes: ["model": ["read"]]))
            }
            #expect(error?.message.contains("models") == true)
            await expectError(.notFound, "no member") {
                try await workspace.issueAPIKey(
                    name: "x", permissions: .everything, for: Identifier())
            }
            let member = try await context.store.workspace(
                organization: workspace.organizationID,
                as: .user(try await context.insertMember(2).id))
            await expectError(.permissionDenied, "for somebody above") {
                try await member.issueAPIKey(
                    name: "x", permissions: .everything, for: workspace.principal.userID)
            }
            #expect(try await workspace.apiKeys.count() == 1)
        },
        Scenario("Store.workspace(apiKey:) refuses every unusable key in the same words") {
            context in
            let keys = context.workspace.apiKeys
            func issue(_ user: Identifier<User>? = nil) async throws -> IssuedAPIKey {
                try await context.workspace.issueAPIKey(
                    name: "key", permissions: .everything, for: user)
            }
            var refused = [APIKeyToken.generate().text]
            let wrong = APIKeyToken.generate()
            try await context.history(
                APIKey(
                    user: context.workspace.principal.userID, name: "another secret",
                    keyPrefix: wrong.prefix, keyHash: "p1:" + String(repeating: "0", count: 64)))
            refused.append(wrong.text)
            let revoked = try await issue()
            try await context.write { _ = try $0.apiKeys.revoke(revoked.key.id) }
            refused.append(revoked.token)
            let deleted = try await issue()
            try await keys.delete(deleted.key.id)
            refused.append(deleted.token)
            let expired = try await issue()
            try await context.write {
                _ = try $0.apiKeys.expire(expired.key.id, at: Fixtures.date)
            }
            refused.append(expired.token)
            let off = try await issue()
            var copy = off.key
            copy.isActive = false
            try await keys.update(copy)
            refused.append(off.token)
            let user = try await context.insertMember(2)
            let theirs = try await issue(user.id)
            _ = try await context.store.workspace(apiKey: theirs.token)
            try await context.system { tx in
                var user = try tx.users.find(user.id)
                user.isActive = false
                try tx.users.update(user)
            }
            refused.append(theirs.token)
            var messages: Set<String> = []
            for token in refused {
                let error = await expectError(.permissionDenied) {
                    try await context.store.workspace(apiKey: token)
                }
                messages.insert(error?.description ?? "")
            }
            #expect(refused.count == 7 && messages.count == 1)
            await expectError(.invalidValue, "a typo needs no database") {
                try await context.store.workspace(apiKey: Secret(wrong.text.reveal() + "x"))
            }
        },
        Scenario("Store.workspace(apiKey:) finds the organization of the key") { context in
            let other = try await context.otherWorkspace()
            let issued = try await other.issueAPIKey(name: "key", permissions: .everything)
            let opened = try await context.store.workspace(apiKey: issued.token)
            #expect(opened.organizationID == other.organizationID)
            #expect(try await opened.organizations.all().map(\.id) == [other.organizationID])
        },
        Scenario("Store.workspace(apiKey:) writes the last use at most once a minute") { context in
            let issued = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything)
            #expect(issued.key.lastUsedAt == nil)
            var used: [Date] = []
            for _ in 1...2 {
                let opened = try await context.store.workspace(apiKey: issued.token)
                used.append(try #require(try await opened.apiKeys.find(issued.key.id).lastUsedAt))
            }
            #expect(used[0] == used[1] || used[1].timeIntervalSince(used[0]) >= 60)
        },
        Scenario("Peppers: a key under an older one is valid while the ring has it") { context in
            let issued = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything)
            #expect(issued.key.keyHash.hasPrefix("p1:"))
            let peppers = try #require(context.backend.keys.peppers)
            let newer = KeyRing.generate(id: "p2")
            let rotated = RekeyedStore(
                base: context.backend,
                keys: StoreKeys(
                    peppers: try KeyRing(
                        parsing: newer.text.reveal() + peppers.text.reveal(), name: "test")))
            let opened = try await rotated.workspace(apiKey: issued.token)
            let second = try await opened.issueAPIKey(name: "key", permissions: .everything)
            #expect(second.key.keyHash.hasPrefix("p2:"))
            _ = try await rotated.workspace(apiKey: second.token)
            let without = RekeyedStore(base: context.backend, keys: StoreKeys(peppers: newer))
            _ = try await without.workspace(apiKey: second.token)
            await expectError(.permissionDenied) {
                try await without.workspace(apiKey: issued.token)
            }
        },
        Scenario("Peppers: without one there are no API keys") { context in
            let issued = try await context.workspace.issueAPIKey(
                name: "key", permissions: .everything)
            let bare = RekeyedStore(base: context.backend, keys: StoreKeys())
            let workspace = try await bare.workspace(
                organization: context.workspace.organizationID, as: context.workspace.principal)
            let errors = [
                await expectError(.missingKey) { try await bare.workspace(apiKey: issued.token) },
                await expectError(.missingKey) {
                    try await workspace.issueAPIKey(name: "key", permissions: .everything)
                },
                await expectError(.missingKey) { try await workspace.rotateAPIKey(issued.key.id) },
            ]
            for error in errors { #expect(error?.message.contains("MLOPS_PEPPERS") == true) }
        },
    ]
}

/// A store with other peppers and encryption keys, or with more entries in its trail.
final class RekeyedStore: StoreBackend {
    let base: any StoreBackend
    let keys: StoreKeys
    let auditedAccess: AuditedAccess

    init(base: any StoreBackend, keys: StoreKeys, auditedAccess: AuditedAccess = []) {
        (self.base, self.keys, self.auditedAccess) = (base, keys, auditedAccess)
    }

    var artifacts: ArtifactStore { base.artifacts }
    var clock: @Sendable () -> Date { base.clock }
    var logger: Logger { base.logger }
    var lifecycle: StoreLifecycle { base.lifecycle }

    func transact<Value: Sendable>(
        writing: Bool, as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await base.transact(writing: writing, as: access, body)
    }

    func transactHere(
        writing: Bool, as access: Access, waiting limit: Duration?,
        _ body: (any Transaction) throws -> Void
    ) throws {
        try base.transactHere(writing: writing, as: access, waiting: limit, body)
    }

    func watchOtherPrograms() async throws -> ChangeFeed.Watch {
        try await base.watchOtherPrograms()
    }

    func submit(
        as access: Access,
        _ body: @escaping @Sendable (any Transaction) throws -> Void,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) { base.submit(as: access, body, completion: completion) }

    func migrationStatus() async throws -> [MigrationStatus] { try await base.migrationStatus() }
    func migrate() async throws -> [Int] { try await base.migrate() }
    func revertMigrations(to version: Int) async throws -> [Int] {
        try await base.revertMigrations(to: version)
    }
    func rowsLost(revertingTo version: Int) async throws -> [String: Int] {
        try await base.rowsLost(revertingTo: version)
    }
    func verify() async throws -> VerificationReport { try await base.verify() }
    func scrub() async throws -> ScrubReport { try await base.scrub() }
    func close() async throws { try await base.close() }
}
