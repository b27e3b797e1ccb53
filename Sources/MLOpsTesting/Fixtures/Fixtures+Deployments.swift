public import Foundation
public import MLOpsCore

extension Fixtures {
    /// A pending deployment; `deployments.deploy` activates it and adds its history.
    public static func deployment(
        _ number: Int = 1, in project: Identifier<Project>, version: Identifier<ModelVersion>,
        name: String? = nil, environment: DeploymentEnvironment = .production
    ) -> Deployment {
        Deployment(
            id: id(Deployment.self, number), project: project, modelVersion: version,
            name: name ?? "deployment-\(number)", environment: environment,
            endpointURL: "https://example.com/\(number)", instanceType: "small",
            minInstances: 1, maxInstances: 3, createdAt: date)
    }

    /// A change of a deployment; `insert` makes it pending, and sets its time and performer.
    public static func historyEntry(
        _ number: Int = 1, of deployment: Identifier<Deployment>,
        version: Identifier<ModelVersion>, previous: Identifier<ModelVersion>? = nil,
        action: DeploymentAction = .deploy, status: DeploymentActionStatus = .completed
    ) -> DeploymentHistoryEntry {
        DeploymentHistoryEntry(
            id: id(DeploymentHistoryEntry.self, number), deployment: deployment,
            modelVersion: version, previousModelVersion: previous, action: action, status: status,
            reason: "fixture", createdAt: date)
    }

    /// A measurement of a deployment.
    public static func monitoring(
        _ number: Int = 1, of deployment: Identifier<Deployment>, metric: String = "latency_ms",
        value: Double = 20, thresholdMax: Double? = 100, recordedAt: Date = date
    ) -> ModelMonitoring {
        ModelMonitoring(
            id: id(ModelMonitoring.self, number), deployment: deployment, metricName: metric,
            value: value, thresholdMax: thresholdMax, recordedAt: recordedAt, createdAt: date)
    }

    /// A drift report over one day.
    public static func driftReport(
        _ number: Int = 1, of deployment: Identifier<Deployment>, score: Double = 0.1,
        threshold: Double = 0.2, from start: Date = date, to end: Date? = nil
    ) -> DataDriftReport {
        DataDriftReport(
            id: id(DataDriftReport.self, number), deployment: deployment, driftScore: score,
            driftThreshold: threshold,
            featureDrift: [
                "amount": FeatureDrift(
                    method: "psi", statistic: score, threshold: threshold, referenceCount: 1000,
                    currentCount: 100, isDrift: score > threshold)
            ],
            periodStart: start, periodEnd: end ?? start.addingTimeInterval(86_400),
            createdAt: date)
    }

    /// An open alert.
    public static func alert(
        _ number: Int = 1, project: Identifier<Project>? = nil,
        deployment: Identifier<Deployment>? = nil, type: AlertType = .dataDrift,
        severity: AlertSeverity = .medium, title: String? = nil,
        fingerprint: String? = nil, triggeredAt: Date = date
    ) -> Alert {
        Alert(
            id: id(Alert.self, number), project: project, deployment: deployment, alertType: type,
            severity: severity, title: title ?? "Alert \(number)", message: "An alert.",
            fingerprint: fingerprint, triggeredAt: triggeredAt, createdAt: date)
    }
}
