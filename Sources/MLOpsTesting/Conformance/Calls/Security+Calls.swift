import Crypto
import MLOpsCore

extension Call {
    static let ofSecurity = apiKeys + channels + rules + auditLogs

    private static let apiKeys = calls(
        of: APIKey.self, insert: .admins, read: .adminsSee, update: .adminsSee,
        delete: .adminsSee, purge: .adminsSee,
        trail: Trail(
            entity: "api_key",
            created: "is_active key_hash key_prefix limits name permissions user_id",
            deleted: "api_keys", restored: "api_keys"),
        own: [
            Call(
                "revoke", .adminsSee,
                entries: ["api_key.revoke of row: changes is_active revoked_at"]
            ) { try $0.apiKeys.revoke($1.apiKey.id) },
            Call("grant", .adminsSee, entries: ["api_key.update of row: changes permissions"]) {
                try $0.apiKeys.grant(APIKeyPermissions(), to: $1.apiKey.id)
            },
            Call("expire", .adminsSee, entries: ["api_key.update of row: changes expires_at"]) {
                try $0.apiKeys.expire($1.apiKey.id, at: Fixtures.date)
            },
            Call("insert for an owner", .organizationOwners, entries: [newKey]) {
                try $0.apiKeys.insert(Fixtures.apiKey(9, of: $1.user.id))
            },
            Call("withPrefix", .adminsSee) { try $0.apiKeys.withPrefix($1.apiKey.keyPrefix) },
            Call("of(user:)", .adminsSee) { try $0.apiKeys.of(user: $1.apiKey.userID) },
            ownKey("insert") { $1 },
            ownKey("findIfExists") { try $0.findIfExists($1.id) },
            ownKey("update", ["api_key.update of other: changes"]) { try $0.update($1) },
            ownKey("revoke", ["api_key.revoke of other: changes is_active revoked_at"]) {
                try $0.revoke($1.id)
            },
            ownKey("delete", ["api_key.delete of other: rows api_keys"]) { try $0.delete($1.id) },
            ownKey(
                "restore",
                [
                    "api_key.delete of other: rows api_keys",
                    "api_key.restore of other: rows api_keys",
                ]
            ) { keys, key in
                try keys.delete(key.id)
                return try keys.restore(key.id)
            },
            ownKey(
                "purge",
                [
                    "api_key.delete of other: rows api_keys",
                    "api_key.purge of other: rows api_keys",
                ]
            ) { keys, key in
                try keys.delete(key.id)
                return try keys.purge(key.id)
            },
        ])

    private static let newKey =
        """
        api_key.create of other: changes is_active key_hash key_prefix limits name permissions \
        user_id
        """

    /// A call on a new key of the acting user.
    private static func ownKey<Value>(
        _ method: String, _ entries: [String] = [],
        _ body: @escaping @Sendable (any APIKeyRepository, APIKey) throws -> Value
    ) -> Call {
        Call(
            "\(method) of one's own", .everybody, exempt: .takesNoKey, entries: [newKey] + entries
        ) { tx, _ in
            let key = Fixtures.apiKey(9, of: try tx.actingUser())
            return try body(tx.apiKeys, try tx.apiKeys.insert(key))
        }
    }

    private static let channels = calls(
        of: NotificationChannel.self, insert: .anyMaintainer, exempt: .takesNoKey,
        read: .maintainersSee, update: .adminsAct, delete: .adminsAct, purge: .adminsAct,
        trail: Trail(
            entity: "notification_channel", created: "channel_type config is_active name",
            deleted: "notification_channels notification_rules",
            restored: "notification_channels"),
        own: [
            Call("named", .maintainersSee) {
                try $0.notificationChannels.named($1.channel.name)
            },
            Call("openedConfig", .adminsAct) {
                try $0.notificationChannels.openedConfig(of: $1.channel.id)
            },
            Call("noteTest", .adminsAct, entries: ["notification_channel.test of row: outcome"]) {
                try $0.notificationChannels.noteTest(of: $1.channel.id, outcome: .refused)
            },
            ownChannel("noteTest", .anyMaintainer, ["test of other: outcome"]) {
                try $0.noteTest(of: $1.id, outcome: .delivered)
            },
            ownChannel("update", .anyMaintainer, ["update of other: changes"]) {
                try $0.update($1)
            },
            ownChannel("delete", .anyMaintainer, ["delete of other: rows notification_channels"]) {
                try $0.delete($1.id)
            },
            ownChannel(
                "restore", .anyMaintainer,
                [
                    "delete of other: rows notification_channels",
                    "restore of other: rows notification_channels",
                ]
            ) { channels, channel in
                try channels.delete(channel.id)
                return try channels.restore(channel.id)
            },
            ownChannel(
                "purge", .admins,
                [
                    "delete of other: rows notification_channels",
                    "purge of other: rows notification_channels",
                ]
            ) { channels, channel in
                try channels.delete(channel.id)
                return try channels.purge(channel.id)
            },
        ])

    /// A call on a new channel of the acting user.
    private static func ownChannel<Value>(
        _ method: String, _ permission: Permission, _ entries: [String],
        _ body:
            @escaping @Sendable (any NotificationChannelRepository, NotificationChannel) throws ->
            Value
    ) -> Call {
        Call(
            "\(method) of one's own", permission, exempt: .takesNoKey,
            entries: (["create of other: changes channel_type config is_active name"] + entries)
                .map { "notification_channel.\($0)" }
        ) { tx, _ in
            let channels = tx.notificationChannels
            return try body(channels, try channels.insert(Fixtures.channel(9)))
        }
    }

    private static let rules = calls(
        of: NotificationRule.self, insert: .maintainersSee, read: .readers, update: .maintainers,
        delete: .maintainers, purge: .owners,
        trail: Trail(
            entity: "notification_rule",
            created: """
                conditions cooldown_seconds deployment_id is_active name notification_channel_id \
                project_id trigger_type
                """,
            deleted: "notification_rules", restored: "notification_rules"),
        own: [
            Call(
                "insert for a project", .maintainersSee,
                entries: [
                    """
                    notification_rule.create of other: changes conditions cooldown_seconds \
                    is_active name notification_channel_id project_id trigger_type
                    """
                ]
            ) {
                try $0.notificationRules.insert(
                    Fixtures.rule(9, to: $1.own.channel.id, project: $1.project.id))
            },
            Call(
                "insert for a deployment", .adminsAct,
                entries: [
                    """
                    notification_rule.create of other: changes conditions cooldown_seconds \
                    deployment_id is_active name notification_channel_id trigger_type
                    """
                ]
            ) {
                try $0.notificationRules.insert(
                    Fixtures.rule(9, to: $1.own.channel.id, deployment: $1.deployment.id))
            },
            Call(
                "insert of no project", .adminsAct,
                entries: [
                    """
                    notification_rule.create of other: changes conditions cooldown_seconds \
                    is_active name notification_channel_id trigger_type
                    """
                ]
            ) { try $0.notificationRules.insert(Fixtures.rule(9, to: $1.channel.id)) },
            Call("findIfExists of no project", .everybody) {
                try $0.notificationRules.findIfExists($1.generalRule.id)
            },
            Call(
                "update of no project", .admins,
                entries: ["notification_rule.update of other: changes"]
            ) { try $0.notificationRules.update($1.generalRule) },
            Call(
                "delete of no project", .admins,
                entries: ["notification_rule.delete of other: rows notification_rules"]
            ) { try $0.notificationRules.delete($1.generalRule.id) },
            Call(
                "restore of no project", .admins,
                entries: ["notification_rule.restore of other: rows notification_rules"]
            ) { try $0.notificationRules.restore($1.formerGeneralRule.id) },
            Call(
                "purge of no project", .admins,
                entries: ["notification_rule.purge of other: rows notification_rules"]
            ) { try $0.notificationRules.purge($1.formerGeneralRule.id) },
            Call("named", .readers) { try $0.notificationRules.named($1.rule.name) },
            Call("of(channel:)", .readers) { try $0.notificationRules.of(channel: $1.channel.id) },
            Call("explain", .readers) { tx, site in
                try tx.notificationRules.explain(Fixtures.alert(9, deployment: site.deployment.id))
                    .filter { $0.rule.id == site.rule.id }
            },
        ])

    private static let auditLogs = calls(
        of: AuditLog.self, insert: .admins, exempt: .takesNoKey, read: .admins, trail: nil,
        own: [
            Call("of(resource:id:)", .admins) {
                try $0.auditLogs.of(resource: "model", id: $1.model.id.description)
            },
            Call("verifyChain", .admins, exempt: .takesNoKey) { tx, _ in
                try tx.auditLogs.verifyChain()
            },
            Call("seal", .admins, exempt: .takesNoKey) { tx, _ in
                try tx.auditLogs.seal(with: CallSite.signer)
            },
            Call("verify", .admins, exempt: .takesNoKey) {
                try $0.auditLogs.verify(against: $1.seal, trusting: CallSite.signer.publicKey)
            },
        ])
}
