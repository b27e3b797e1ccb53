import Foundation
import MLOpsCore

extension SampleStory {
    struct Channels {
        let slack: Identifier<NotificationChannel>
        let email: Identifier<NotificationChannel>
    }

    struct Rules {
        let rows: [NotificationRule]
        let email: Identifier<NotificationChannel>
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
    ///
    /// Whoever knows the URL of a Slack channel can post: the channel is off until it gets one.
    mutating func makeChannels() throws -> Channels {
        let date = time(-40, 15)
        let slack = try insert(
            NotificationChannel(
                id: id(date), name: "Slack #ml-alerts", channelType: .slack,
                isActive: false, createdAt: date),
            by: admin)
        let email = try insert(
            NotificationChannel(
                id: id(date), name: "E-mail to the ML team", channelType: .email,
                config: [
                    "host": "smtp.acme-ml.example", "from": "mlops@acme-ml.example",
                    "to": ["ml-team@acme-ml.example"],
                ],
                createdAt: date),
            by: admin)
        return Channels(slack: slack.id, email: email.id)
    }

    /// Makes the notification rules, which are stored at the end.
    mutating func makeRules(
        _ projects: Projects, _ channels: Channels, _ service: Service
    ) -> Rules {
        func rule(
            _ name: String, _ trigger: NotificationTrigger,
            to channel: Identifier<NotificationChannel>, project: Identifier<Project>? = nil,
            deployment: Identifier<Deployment>? = nil,
            _ conditions: NotificationConditions = NotificationConditions(), cooldown: Int = 300
        ) -> NotificationRule {
            let date = time(0, 0, 30)
            return NotificationRule(
                id: id(date), channel: channel, name: name, triggerType: trigger, project: project,
                deployment: deployment, conditions: conditions, cooldownSeconds: cooldown,
                createdAt: date)
        }
        let grave = rule(
            "Grave alerts of fraud scoring", .alert, to: channels.slack, project: projects.fraud,
            deployment: service.deployment, NotificationConditions(minimumSeverity: .high),
            cooldown: 900)
        let all = rule("All alerts", .alert, to: channels.email, cooldown: 3600)
        let deployments = rule(
            "Deployments of fraud detection", .deployment, to: channels.slack,
            project: projects.fraud)
        let versions = rule(
            "New versions in production", .modelUpdate, to: channels.email,
            NotificationConditions(statuses: ["promoted"], labels: ["stage": "production"]))
        let experiments = rule("Finished experiments", .experimentComplete, to: channels.email)
        return Rules(
            rows: [grave, all, deployments, versions, experiments], email: channels.email,
            allAlerts: all.id)
    }
}
