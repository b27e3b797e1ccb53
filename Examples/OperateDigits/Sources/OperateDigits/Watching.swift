import MLOpsCore

/// What is watched of the deployment, and who is told.
struct Watching {
    static let name = "operate-digits"

    let workspace: Workspace
    let deployment: Identifier<Deployment>

    private var policy: MonitoringPolicy {
        func rule(_ severity: AlertSeverity, _ type: AlertType) -> WatchRule {
            WatchRule(
                severity: severity, alertType: type, failing: 2, window: 3, resolvesAfter: 2)
        }
        return MonitoringPolicy(
            metrics: [
                "accuracy.mean": MetricPolicy(
                    minimum: 0.9, rule: rule(.critical, .performanceDegradation)),
                "latency_ms.p95": MetricPolicy(maximum: 30, rule: rule(.high, .highLatency)),
            ],
            drift: rule(.medium, .dataDrift))
    }

    /// Sets the policy, and a rule that sends its alerts to a receiver.
    func begin(telling receiver: WebhookReceiver) async throws {
        let config: JSONValue = [
            "url": .string(receiver.url), "secret": .string(receiver.verifier.secret),
        ]
        try await workspace.write { tx in
            // Without a policy nothing is left of an earlier run that was cut off.
            try tx.deployments.setMonitoringPolicy(nil, of: deployment)
            try tx.deployments.setMonitoringPolicy(policy, of: deployment)
            let channel: NotificationChannel
            if var known = try tx.notificationChannels.named(Self.name) {
                known.config = config
                known.isActive = true
                channel = try tx.notificationChannels.update(known)
            } else {
                channel = try tx.notificationChannels.insert(
                    NotificationChannel(
                        name: Self.name, channelType: .webhook, config: config))
            }
            guard try tx.notificationRules.named(Self.name) == nil else { return }
            // A short cooldown, so that a second run need not wait to tell everything again.
            try tx.notificationRules.insert(
                NotificationRule(
                    channel: channel.id, name: Self.name, triggerType: .alert,
                    deployment: deployment,
                    conditions: NotificationConditions(minimumSeverity: .medium),
                    cooldownSeconds: 1))
        }
    }

    /// The alerts that nobody has resolved, the gravest first.
    func alerts() async throws -> [Alert] {
        try await workspace.read { tx in
            try tx.alerts.unresolved().filter { $0.deploymentID == deployment }
                .sorted { $0.severity > $1.severity }
        }
    }

    /// Takes alerts on, and says what comes next.
    ///
    /// - Returns: The address of who did.
    func acknowledge(_ alerts: [Alert], saying comment: String) async throws -> String {
        try await workspace.write { tx in
            var person: Identifier<User>?
            for alert in alerts {
                person = try tx.alerts.acknowledge(alert.id).acknowledgedBy
                try tx.alerts.comment(alert.id, comment)
            }
            return try person.map { try tx.users.find($0).email } ?? "nobody"
        }
    }
}
