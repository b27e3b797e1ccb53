import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// API keys, notification channels and rules.
    static let security: [Scenario] = [
        Scenario("APIKeyRepository.withPrefix and of(user:)") { context in
            let user = try await context.insertMember(2)
            let first = try await context.workspace.apiKeys.insert(
                Fixtures.apiKey(1, of: user.id))
            let second = try await context.workspace.apiKeys.insert(
                Fixtures.apiKey(2, of: user.id, expiresAt: Fixtures.date))
            let found = try await context.read { tx in
                (
                    prefix: try tx.apiKeys.withPrefix(second.keyPrefix),
                    none: try tx.apiKeys.withPrefix("mlops_"),
                    user: try tx.apiKeys.of(user: user.id)
                )
            }
            #expect(found.prefix == second && found.none == nil && found.user == [first, second])
            await expectError(.alreadyExists, "the prefix is taken") {
                try await context.history(
                    APIKey(
                        user: user.id, name: "x", keyPrefix: first.keyPrefix, keyHash: "other"))
            }
            await expectError(.alreadyExists, "the hash is taken") {
                try await context.history(
                    APIKey(user: user.id, name: "x", keyPrefix: "p", keyHash: first.keyHash))
            }
        },
        Scenario("APIKeyRepository.revoke is for good") { context in
            let tree = try await context.tree()
            let revoked = try await context.write { try $0.apiKeys.revoke(tree.apiKey.id) }
            #expect(revoked.revokedAt != nil && !revoked.isActive)
            let again = try await context.write { try $0.apiKeys.revoke(tree.apiKey.id) }
            #expect(again == revoked)
            var copy = revoked
            copy.isActive = true
            copy = try await context.workspace.apiKeys.update(copy)
            #expect(copy.revokedAt == revoked.revokedAt && !copy.isUsable(at: Fixtures.date))
        },
        Scenario("APIKeyRepository keeps permissions as they are") { context in
            let tree = try await context.tree()
            let permissions = APIKeyPermissions(
                scopes: ["models": ["read", "write"], "experiment_runs": [], "*": ["read"]],
                projects: [tree.project.id])
            let stored = try await context.workspace.apiKeys.insert(
                Fixtures.apiKey(2, of: tree.user.id, permissions: permissions))
            #expect(try await context.workspace.apiKeys.find(stored.id).permissions == permissions)
        },
        Scenario("API keys and project roles are for members of the organization") { context in
            let tree = try await context.tree()
            let stranger = try await context.insertUser(2)
            let former = try await context.insertMember(3)
            let membership = try #require(
                try await context.read { try $0.memberships.membership(of: former.id) })
            try await context.workspace.memberships.delete(membership.id)
            for user in [stranger.id, former.id, Identifier<User>()] {
                let key = await expectError(.notFound) {
                    try await context.workspace.apiKeys.insert(Fixtures.apiKey(2, of: user))
                }
                let role = await expectError(.notFound) {
                    try await context.workspace.projectMembers.insert(
                        Fixtures.projectMember(2, of: user, in: tree.project.id))
                }
                #expect(key == role && key?.entity == "user" && key?.field == "user_id")
            }
            #expect(try await context.workspace.apiKeys.count() == 1)
            #expect(try await context.workspace.projectMembers.count() == 1)
        },
        Scenario("NotificationChannelRepository.named") { context in
            let tree = try await context.tree()
            let found = try await context.read { tx in
                (
                    one: try tx.notificationChannels.named(tree.channel.name),
                    none: try tx.notificationChannels.named("other")
                )
            }
            #expect(found.one == tree.channel && found.none == nil)
            await expectError(.alreadyExists) {
                try await context.workspace.notificationChannels.insert(
                    Fixtures.channel(2, name: tree.channel.name))
            }
        },
        Scenario("NotificationRuleRepository.named, of(channel:) and explain") { context in
            let tree = try await context.tree()
            let off = try await context.workspace.notificationChannels.insert(
                Fixtures.channel(2, isActive: false))
            let other = try await context.workspace.projects.insert(Fixtures.project(2))
            let rules = [
                Fixtures.rule(2, to: tree.channel.id),
                Fixtures.rule(3, to: tree.channel.id, project: tree.project.id),
                Fixtures.rule(4, to: tree.channel.id, project: other.id),
                Fixtures.rule(5, to: tree.channel.id, isActive: false),
                Fixtures.rule(6, to: off.id),
                Fixtures.rule(7, to: tree.channel.id, trigger: .deployment),
            ]
            try await context.workspace.notificationRules.insert(contentsOf: rules)
            let found = try await context.read { tx in
                (
                    named: try tx.notificationRules.named("rule-3"),
                    none: try tx.notificationRules.named("rule-9"),
                    channel: try tx.notificationRules.of(channel: off.id),
                    rules: try tx.notificationRules.explain(
                        Fixtures.alert(2, deployment: tree.deployment.id, severity: .high)),
                    project: try tx.notificationRules.explain(
                        Fixtures.alert(3, project: tree.project.id, severity: .high)),
                    organization: try tx.notificationRules.explain(
                        Fixtures.alert(4, severity: .high))
                )
            }
            #expect(found.named?.id == rules[1].id && found.none == nil)
            #expect(found.channel.map(\.name) == ["rule-6"])
            func firing(_ rules: [RuleExplanation]) -> [String] {
                rules.filter(\.fires).map(\.rule.name)
            }
            #expect(firing(found.rules) == ["rule-1", "rule-2", "rule-3"])
            #expect(firing(found.project) == ["rule-2", "rule-3"])
            #expect(firing(found.organization) == ["rule-2"])
            #expect(
                found.rules.map(\.mismatches) == [
                    [], [], [], [.project], [.inactive], [.channelInactive],
                    [.trigger(.deployment)],
                ])
        },
        Scenario("NotificationChannelRepository.delete takes its rules") { context in
            let tree = try await context.tree()
            let deletion = try await context.workspace.notificationChannels.delete(tree.channel.id)
            #expect(deletion.counts == ["notification_channels": 1, "notification_rules": 1])
            try await context.workspace.notificationChannels.restore(tree.channel.id)
            #expect(try await context.workspace.notificationRules.count() == 1)
        },
        Scenario("Store.workspace: a key opens it for its user while it is usable") { context in
            let user = try await context.insertMember(2)
            let organization = context.workspace.organizationID
            let keys = context.workspace.apiKeys
            let good = try await keys.insert(
                Fixtures.apiKey(
                    1, of: user.id, permissions: APIKeyPermissions(scopes: ["projects": ["read"]])))
            let opened = try await context.store.workspace(
                organization: organization, as: .apiKey(good.id, user: user.id))
            #expect(try await opened.projects.count() == 0)
            let expired = try await keys.insert(
                Fixtures.apiKey(2, of: user.id, expiresAt: Fixtures.date))
            let revoked = try await keys.insert(Fixtures.apiKey(3, of: user.id))
            try await context.write { _ = try $0.apiKeys.revoke(revoked.id) }
            let owners = try await keys.insert(
                Fixtures.apiKey(4, of: context.workspace.principal.userID))
            let other = try await context.otherWorkspace(5)
            let foreign = try await other.apiKeys.insert(
                Fixtures.apiKey(5, of: other.principal.userID))
            for key in [expired.id, revoked.id, owners.id, foreign.id, Identifier()] {
                await expectError(.permissionDenied) {
                    _ = try await context.store.workspace(
                        organization: organization, as: .apiKey(key, user: user.id))
                }
            }
        },
    ]
}
