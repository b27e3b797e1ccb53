public import Crypto
public import Foundation

extension Records where Record == APIKey {
    /// See ``APIKeyRepository/withPrefix(_:)``.
    public func withPrefix(_ prefix: String) async throws -> APIKey? {
        try await workspace.read { try $0.apiKeys.withPrefix(prefix) }
    }

    /// See ``APIKeyRepository/of(user:)``.
    public func of(user: Identifier<User>) async throws -> [APIKey] {
        try await workspace.read { try $0.apiKeys.of(user: user) }
    }

    /// See ``APIKeyRepository/grant(_:to:)``.
    @discardableResult
    public func grant(
        _ permissions: APIKeyPermissions, to id: Identifier<APIKey>
    ) async throws -> APIKey {
        try await workspace.write { try $0.apiKeys.grant(permissions, to: id) }
    }

    /// See ``APIKeyRepository/expire(_:at:)``.
    @discardableResult
    public func expire(_ id: Identifier<APIKey>, at time: Date?) async throws -> APIKey {
        try await workspace.write { try $0.apiKeys.expire(id, at: time) }
    }

    /// See ``APIKeyRepository/revoke(_:)``.
    @discardableResult
    public func revoke(_ id: Identifier<APIKey>) async throws -> APIKey {
        try await workspace.write { try $0.apiKeys.revoke(id) }
    }
}

extension Records where Record == NotificationChannel {
    /// See ``NotificationChannelRepository/named(_:)``.
    public func named(_ name: String) async throws -> NotificationChannel? {
        try await workspace.read { try $0.notificationChannels.named(name) }
    }

    /// See ``NotificationChannelRepository/openedConfig(of:)``.
    public func openedConfig(
        of id: Identifier<NotificationChannel>
    ) async throws -> Secret<JSONValue> {
        try await workspace.write { try $0.notificationChannels.openedConfig(of: id) }
    }

    /// See ``NotificationChannelRepository/noteTest(of:outcome:)``.
    public func noteTest(
        of id: Identifier<NotificationChannel>, outcome: NotificationTestOutcome
    ) async throws {
        try await workspace.write {
            try $0.notificationChannels.noteTest(of: id, outcome: outcome)
        }
    }
}

extension Records where Record == NotificationRule {
    /// See ``NotificationRuleRepository/named(_:)``.
    public func named(_ name: String) async throws -> NotificationRule? {
        try await workspace.read { try $0.notificationRules.named(name) }
    }

    /// See ``NotificationRuleRepository/of(channel:)``.
    public func of(channel: Identifier<NotificationChannel>) async throws -> [NotificationRule] {
        try await workspace.read { try $0.notificationRules.of(channel: channel) }
    }

    /// See ``NotificationRuleRepository/explain(_:)``.
    public func explain(_ alert: Alert) async throws -> [RuleExplanation] {
        try await workspace.read { try $0.notificationRules.explain(alert) }
    }
}

extension Records where Record == AuditLog {
    /// See ``AuditLogRepository/of(resource:id:)``.
    public func of(resource type: String, id: String? = nil) async throws -> [AuditLog] {
        try await workspace.read { try $0.auditLogs.of(resource: type, id: id) }
    }

    /// See ``AuditLogRepository/verifyChain()``.
    public func verifyChain() async throws -> AuditChainReport {
        try await workspace.read { try $0.auditLogs.verifyChain() }
    }

    /// See ``AuditLogRepository/seal(with:)``.
    public func seal(with key: Curve25519.Signing.PrivateKey) async throws -> AuditSeal {
        try await workspace.write { try $0.auditLogs.seal(with: key) }
    }

    /// The call of ``AuditLogRepository`` of this name, with a list of seals.
    public func verify(
        against seals: [AuditSeal], trusting key: Curve25519.Signing.PublicKey
    ) async throws -> AuditSealReport {
        try await workspace.read { try $0.auditLogs.verify(against: seals, trusting: key) }
    }
}
