import MLOpsCore

// The snippets of the guide on alerts, to the letter but for their indentation.

func raising(about api: Identifier<Deployment>, in workspace: Workspace) async throws {
    try await workspace.write { tx in
        _ = try tx.alerts.raise(
            Alert(
                deployment: api, alertType: .errorRate, severity: .high, title: "Many errors",
                message: "4 % of the requests fail.", fingerprint: "errors", isAutomatic: true))
    }
}

func telling(in workspace: Workspace) async throws {
    try await workspace.write { tx in
        let team = try tx.notificationChannels.insert(
            NotificationChannel(
                name: "team", channelType: .email,
                config: [
                    "host": "smtp.example.com", "from": "mlops@example.com",
                    "to": ["ada@example.com"],
                ]))
        _ = try tx.notificationRules.insert(
            NotificationRule(
                channel: team.id, name: "grave", triggerType: .alert,
                conditions: NotificationConditions(minimumSeverity: .high), cooldownSeconds: 900))
    }
}

func watching(_ api: Identifier<Deployment>, in workspace: Workspace) async throws {
    let slow = WatchRule(
        severity: .high, alertType: .highLatency, failing: 3, window: 5, resolvesAfter: 5)
    try await workspace.write { tx in
        _ = try tx.deployments.setMonitoringPolicy(
            MonitoringPolicy(
                metrics: [
                    "latency_ms": MetricPolicy(maximum: 250, rule: slow, silenceSeconds: 600)
                ],
                drift: WatchRule(severity: .medium)),
            of: api)
    }
}
