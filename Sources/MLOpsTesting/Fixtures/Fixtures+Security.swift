public import Foundation
public import MLOpsCore

extension Fixtures {
    /// An API key; its hash belongs to no real secret.
    public static func apiKey(
        _ number: Int = 1, of user: Identifier<User>, name: String? = nil,
        permissions: APIKeyPermissions = APIKeyPermissions(scopes: ["models": ["read"]]),
        expiresAt: Date? = nil, prefix: String? = nil
    ) -> APIKey {
        APIKey(
            id: id(APIKey.self, number), user: user, name: name ?? "key-\(number)",
            keyPrefix: prefix ?? "mlops_\(number)",
            keyHash: "hash-of-key-\(prefix ?? "\(number)")",
            permissions: permissions, expiresAt: expiresAt, createdAt: date)
    }

    /// A notification channel; a config with secrets needs a store with encryption keys.
    public static func channel(
        _ number: Int = 1, name: String? = nil, type: NotificationChannelType = .slack,
        config: JSONValue = ["channel": "#alerts"], isActive: Bool = true
    ) -> NotificationChannel {
        NotificationChannel(
            id: id(NotificationChannel.self, number), name: name ?? "channel-\(number)",
            channelType: type, config: config, isActive: isActive, createdAt: date)
    }

    /// A rule that sends alerts to a channel.
    public static func rule(
        _ number: Int = 1, to channel: Identifier<NotificationChannel>, name: String? = nil,
        trigger: NotificationTrigger = .alert, project: Identifier<Project>? = nil,
        deployment: Identifier<Deployment>? = nil, isActive: Bool = true
    ) -> NotificationRule {
        NotificationRule(
            id: id(NotificationRule.self, number), channel: channel,
            name: name ?? "rule-\(number)", triggerType: trigger, project: project,
            deployment: deployment, conditions: NotificationConditions(minimumSeverity: .high),
            cooldownSeconds: 60,
            isActive: isActive, createdAt: date)
    }

    /// An entry of the audit trail.
    public static func auditLog(
        _ number: Int = 1, action: String = "update", resourceType: String = "model",
        resourceID: String? = nil, details: JSONValue = ["field": "name"], createdAt: Date = date
    ) -> AuditLog {
        AuditLog(
            id: id(AuditLog.self, number), action: action, resourceType: resourceType,
            resourceID: resourceID, details: details, ipAddress: "192.0.2.1",
            userAgent: "fixture/1", createdAt: createdAt)
    }
}
