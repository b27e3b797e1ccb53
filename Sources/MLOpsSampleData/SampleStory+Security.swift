import Foundation
import MLOpsCore

extension SampleStory {
    struct Channels {
        let slack: Identifier<NotificationChannel>
        let email: Identifier<NotificationChannel>
    }

    struct Rules {
        let channels: Channels
        let graveAlerts: Identifier<NotificationRule>
        let allAlerts: Identifier<NotificationRule>
    }

    /// Makes API keys, one of them revoked.
    ///
    /// - Returns: The key that deploys.
    mutating func makeAPIKeys(_ projects: Projects) throws -> Identifier<APIKey> {
        let training = try insertKey(
            "Training cluster", of: scientist,
            APIKeyPermissions(
                scopes: [
                    "projects": ["read"], "experiments": ["write"], "experiment_runs": ["write"],
                    "run_metrics": ["write"], "models": ["read"], "model_versions": ["write"],
                ]),
            expiresAt: time(305, 0), at: time(-50, 10))
        let old = try insertKey(
            "Deployment pipeline (old)", of: engineer,
            APIKeyPermissions(scopes: ["deployments": ["write"]]), at: time(-50, 11))
        let deploying = try insertKey(
            "Deployment pipeline", of: engineer,
            APIKeyPermissions(
                scopes: [
                    "projects": ["read"], "models": ["read"], "model_versions": ["read"],
                    "deployments": ["write"], "deployment_history": ["read"],
                ],
                projects: [projects.fraud]),
            expiresAt: time(180, 0), at: time(-10, 9))
        let revoked = time(-10, 9, 30)
        try view(admin, revoked).apiKeys.revoke(old)
        try insertKey(
            "Nightly training", of: scientist,
            APIKeyPermissions(
                scopes: [
                    "projects": ["read"], "experiments": ["write"], "experiment_runs": ["write"],
                    "run_metrics": ["write"],
                ]),
            expiresAt: time(305, 0), issuedBy: training, at: time(-10, 10))
        return deploying
    }

    @discardableResult
    private mutating func insertKey(
        _ name: String, of user: Identifier<User>, _ permissions: APIKeyPermissions,
        expiresAt: Date? = nil, issuedBy issuer: Identifier<APIKey>? = nil, at date: Date
    ) throws -> Identifier<APIKey> {
        // The hash is a random number without a known secret. A secret derived from the seed would
        // give everyone who knows the seed a key to every store with sample data.
        var key = APIKey(
            id: id(date), user: user, name: name, keyPrefix: "mlops_" + random.hexadecimal(8),
            keyHash: random.hexadecimal(64), permissions: permissions, expiresAt: expiresAt,
            createdAt: date)
        key.issuerKeyID = issuer
        return try insert(key, by: user).id
    }

    /// Makes a Slack and an e-mail channel, without secrets in their configuration.
    mutating func makeChannels() throws -> Channels {
        let date = time(-40, 15)
        let slack = try insert(
            NotificationChannel(
                id: id(date), name: "Slack #ml-alerts", channelType: .slack,
                config: ["channel": "#ml-alerts", "vault": "acme-ml/slack"],
                createdAt: date),
            by: admin)
        let email = try insert(
            NotificationChannel(
                id: id(date), name: "E-mail to the ML team", channelType: .email,
                config: [
                    "from": "mlops@acme-ml.example", "to": ["ml-team@acme-ml.example"],
                    "vault": "acme-ml/smtp",
                ],
                createdAt: date),
            by: admin)
        return Channels(slack: slack.id, email: email.id)
    }

    /// Makes the notification rules.
    mutating func makeRules(
        _ projects: Projects, _ channels: Channels, _ service: Service
    ) throws -> Rules {
        func rule(
            _ name: String, _ trigger: NotificationTrigger,
            to channel: Identifier<NotificationChannel>, project: Identifier<Project>? = nil,
            deployment: Identifier<Deployment>? = nil, _ conditions: JSONValue = [:],
            cooldown: Int = 0
        ) throws -> Identifier<NotificationRule> {
            let date = time(0, 0, 30)
            let rule = NotificationRule(
                id: id(date), channel: channel, name: name, triggerType: trigger, project: project,
                deployment: deployment, conditions: conditions, cooldownSeconds: cooldown,
                createdAt: date)
            return try insert(rule, by: engineer).id
        }
        let grave = try rule(
            "Grave alerts of fraud scoring", .alert, to: channels.slack, project: projects.fraud,
            deployment: service.deployment, ["severity": ["high", "critical"]], cooldown: 900)
        let all = try rule("All alerts", .alert, to: channels.email, cooldown: 3600)
        _ = try rule(
            "Deployments of fraud detection", .deployment, to: channels.slack,
            project: projects.fraud)
        _ = try rule("New versions", .modelUpdate, to: channels.email, ["stage": ["production"]])
        _ = try rule("Finished experiments", .experimentComplete, to: channels.email)
        return Rules(channels: channels, graveAlerts: grave, allAlerts: all)
    }
}
