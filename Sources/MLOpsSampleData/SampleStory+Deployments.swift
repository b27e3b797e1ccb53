import Foundation
import MLOpsCore

extension SampleStory {
    /// The fraud scoring service in production, and the times of its version changes.
    struct Service {
        let project: Identifier<Project>
        let deployment: Identifier<Deployment>
        let updated: Date
        let rolledBack: Date
    }

    /// Makes the service in production with its history, and the recommender's in staging.
    mutating func makeDeployments(
        _ projects: Projects, _ versions: Versions, _ key: Identifier<APIKey>
    ) throws -> Service {
        let deployed = time(0, 0, 10)
        let updated = time(2, 13, 30)
        let rolledBack = time(2, 17, 20)
        var scoring = Deployment(
            id: id(deployed), project: projects.fraud, modelVersion: versions.good,
            name: "fraud-scoring", environment: .production,
            endpointURL: "https://fraud.acme-ml.example/v1/score", instanceType: "c7i.xlarge",
            minInstances: 2, maxInstances: 6, autoScaling: true,
            deploymentConfig: ["canary_percent": 10, "timeout_ms": 250],
            healthCheckPath: "/healthz", createdAt: deployed)
        (scoring.status, scoring.deployedAt) = (.active, deployed + 240)
        let service = try insert(scoring, by: engineer).id
        try change(
            service, .deploy, to: versions.good, key: key, "First version in production",
            at: deployed, minutes: 4)
        try promote(
            versions.good, to: .production, by: engineer, at: time(0, 0, 15))
        try change(
            service, .update, to: versions.bad, replacing: versions.good, key: key,
            "Better offline figures", at: updated, minutes: 6)
        try promote(
            versions.bad, to: .production, by: engineer, at: time(2, 13, 37))
        try change(
            service, .rollback, to: versions.good, replacing: versions.bad,
            "Errors and latency have risen since 1.1.0; chargeback_flag is not known at scoring "
                + "time",
            at: rolledBack, minutes: 3)
        try promote(
            versions.good, to: .production, by: engineer, at: time(2, 17, 24))
        try makeStaging(projects, versions)
        return Service(
            project: projects.fraud, deployment: service, updated: updated + 360,
            rolledBack: rolledBack + 180)
    }

    private mutating func makeStaging(_ projects: Projects, _ versions: Versions) throws {
        let date = time(-10, 12)
        var deployment = Deployment(
            id: id(date), project: projects.recommendations, modelVersion: versions.recommender,
            name: "recommendations", environment: .staging,
            endpointURL: "https://staging.acme-ml.example/v1/recommendations",
            instanceType: "c7i.large", createdAt: date)
        (deployment.status, deployment.deployedAt) = (.active, date + 300)
        let staging = try insert(deployment, by: engineer).id
        try change(
            staging, .deploy, to: versions.recommender, "To try the baseline", at: date, minutes: 5)
    }

    /// Writes one completed change of a deployment, made by the engineer.
    private mutating func change(
        _ deployment: Identifier<Deployment>, _ action: DeploymentAction,
        to version: Identifier<ModelVersion>, replacing previous: Identifier<ModelVersion>? = nil,
        key: Identifier<APIKey>? = nil, _ reason: String, at date: Date, minutes: Double
    ) throws {
        var entry = DeploymentHistoryEntry(
            id: id(date), deployment: deployment, modelVersion: version,
            previousModelVersion: previous, action: action, status: .completed, reason: reason,
            createdAt: date)
        entry.completedAt = date + minutes * 60
        try view(engineer, date, key: key).deploymentHistory.insert(history: [Historical(entry)])
    }
}
