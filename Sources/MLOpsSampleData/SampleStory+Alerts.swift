import Foundation
import MLOpsCore

extension SampleStory {
    /// Raises the alerts of monitoring, drift reports and the failed run, and handles them.
    mutating func raiseAlerts(
        _ service: Service, _ runs: Runs, _ rules: Rules, _ measurements: [ModelMonitoring],
        _ drift: [DataDriftReport]
    ) throws {
        try raiseForFailedRun(runs.failed, in: service.project)
        let bad = measurements.filter { $0.isAnomaly && $0.recordedAt < service.rolledBack }

        let errors = try raise(
            .errorRate, .critical, "The error rate is above its limit",
            bad.filter { $0.metricName == ServiceMetric.errorRate.rawValue }, rules)
        try acknowledge(errors, by: engineer, at: time(2, 14, 20))
        try resolve(errors, by: engineer, at: time(2, 17, 45))

        let accuracy = try raise(
            .performanceDegradation, .high, "The accuracy is below its limit",
            bad.filter { $0.metricName == ServiceMetric.accuracy.rawValue }, rules)
        try acknowledge(accuracy, by: scientist, at: time(2, 15, 10))
        try resolve(accuracy, by: scientist, at: time(2, 18, 30))

        let latency = try raise(
            .highLatency, .medium, "The latency is above its limit",
            measurements.filter { $0.isAnomaly && $0.recordedAt == spike }, rules)
        try acknowledge(latency, by: engineer, at: time(4, 20, 30))

        for report in drift where report.isDriftDetected {
            var alert = Alert(
                id: id(report.createdAt), deployment: service.deployment, alertType: .dataDrift,
                severity: .high, title: "The data have drifted",
                message: "Of a day's data, the drift is \(report.driftScore), "
                    + "above \(report.driftThreshold).",
                context: [
                    "drift_report_id": .string(report.id.description),
                    "drift_score": .double(report.driftScore),
                ],
                triggeredAt: report.createdAt, createdAt: report.createdAt)
            alert.deliveries = [undelivered(rules, at: report.createdAt)]
            alert.nextDeliveryAt = alert.deliveries[0].nextAttemptAt
            try raise(alert)
        }
    }

    private mutating func delivery(_ rules: Rules, at date: Date) -> AlertDelivery {
        AlertDelivery(
            id: id(date), rule: rules.allAlerts, channel: rules.email, state: .delivered,
            attempts: 1, createdAt: date, endedAt: date, tellsResolution: false)
    }

    private mutating func undelivered(_ rules: Rules, at date: Date) -> AlertDelivery {
        AlertDelivery(
            id: id(date), rule: rules.allAlerts, channel: rules.email, severity: .high,
            attempts: 2, createdAt: date, nextAttemptAt: date + 900,
            lastError: "The mail server did not answer.")
    }

    private mutating func raiseForFailedRun(
        _ run: ExperimentRun, in project: Identifier<Project>
    ) throws {
        let date = run.completedAt ?? run.createdAt
        let alert = try raise(
            Alert(
                id: id(date), project: project, alertType: .experiment, severity: .low,
                title: "A run of the grid search has failed", message: run.errorMessage ?? "",
                context: ["run_id": .string(run.id.description)], triggeredAt: date,
                createdAt: date))
        try resolve(alert, by: scientist, at: date + 3600)
    }

    /// Raises one alert for measurements of one metric; later ones increment its count.
    private mutating func raise(
        _ type: AlertType, _ severity: AlertSeverity, _ title: String,
        _ measurements: [ModelMonitoring], _ rules: Rules
    ) throws -> Identifier<Alert> {
        var raised: Identifier<Alert>?
        for row in measurements {
            let limit = row.thresholdMax ?? row.thresholdMin ?? 0
            var alert = Alert(
                id: id(row.recordedAt), deployment: row.deploymentID, alertType: type,
                severity: severity, title: title,
                message: "\(row.metricName) is \(row.value); the limit is \(limit).",
                context: [
                    "metric": .string(row.metricName), "value": .double(row.value),
                    "limit": .double(limit),
                ],
                triggeredAt: row.recordedAt, createdAt: row.recordedAt)
            alert.deliveries = [delivery(rules, at: row.recordedAt)]
            let id = try raise(alert)
            raised = raised ?? id
        }
        guard let raised else {
            throw StoreError(.invalidValue, "The sample has no measurement for \(title).")
        }
        return raised
    }

    @discardableResult
    private mutating func raise(_ alert: Alert) throws -> Identifier<Alert> {
        var alert = alert
        (alert.raisedBy, alert.isAutomatic) = (engineer, true)
        let alerts = try view(engineer, alert.createdAt).alerts
        let isRaised = try alerts.unresolved().contains { $0.fingerprint == alert.fingerprint }
        return try isRaised
            ? alerts.raise(alert).id : alerts.insert(history: [Historical(alert)])[0].id
    }

    private mutating func acknowledge(
        _ alert: Identifier<Alert>, by user: Identifier<User>, at date: Date
    ) throws {
        try view(user, date).alerts.acknowledge(alert)
    }

    private mutating func resolve(
        _ alert: Identifier<Alert>, by user: Identifier<User>, at date: Date
    ) throws {
        try view(user, date).alerts.resolve(alert)
    }
}
