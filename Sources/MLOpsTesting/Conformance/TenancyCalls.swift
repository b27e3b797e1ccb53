import Foundation
package import MLOpsCore

/// One call of one repository, with keys that may belong to another organization.
package struct TenancyCall: Sendable {
    package let name: String
    package let body: @Sendable (any Transaction, TreeKeys, FixtureTree) throws -> Any

    init(
        _ name: String,
        _ body: @escaping @Sendable (any Transaction, TreeKeys, FixtureTree) throws -> Any
    ) {
        self.name = name
        self.body = body
    }

    /// The repository's part of the name.
    var repository: String { String(name.prefix { $0 != "." }) }
}

/// Every method that takes a key or a name, in the order of the repositories.
package enum TenancyCalls {
    static let repositories = Set(all.map(\.repository)).sorted()

    package static let all = identity + registry + experiments + deployments + rest

    private static let far = Fixtures.date.addingTimeInterval(1_000_000)

    private static let identity: [TenancyCall] = [
        TenancyCall("UserRepository.withEmail") { tx, keys, _ in
            try tx.users.withEmail(keys.email) as Any
        },
        TenancyCall("UserRepository.deactivate") { tx, keys, _ in
            try tx.users.deactivate(keys.user)
        },
        TenancyCall("UserRepository.activate") { tx, keys, _ in try tx.users.activate(keys.user) },
        TenancyCall("UserRepository.erase") { tx, keys, _ in try tx.users.erase(keys.user) },
        TenancyCall("OrganizationRepository.withSlug") { tx, keys, _ in
            try tx.organizations.withSlug(keys.organizationSlug) as Any
        },
        TenancyCall("OrganizationMembershipRepository.membership") { tx, keys, _ in
            try tx.memberships.membership(of: keys.user) as Any
        },
        TenancyCall("OrganizationMembershipRepository.of(user:)") { tx, keys, _ in
            try tx.memberships.of(user: keys.user)
        },
        TenancyCall("OrganizationMembershipRepository.changeRole") { tx, keys, _ in
            try tx.memberships.changeRole(of: keys.user, to: .admin)
        },
        TenancyCall("ProjectRepository.withSlug") { tx, keys, _ in
            try tx.projects.withSlug(keys.projectSlug)?.id as Any
        },
        TenancyCall("ProjectRepository.ofMember") { tx, keys, _ in
            try tx.projects.ofMember(keys.user)
        },
        TenancyCall("ProjectMemberRepository.insert") { tx, keys, own in
            try tx.projectMembers.insert(
                Fixtures.projectMember(9, of: own.user.id, in: keys.project))
        },
        TenancyCall("ProjectMemberRepository.membership") { tx, keys, own in
            try tx.projectMembers.membership(of: own.user.id, in: keys.project) as Any
        },
        TenancyCall("ProjectMemberRepository.members") { tx, keys, _ in
            try tx.projectMembers.members(of: keys.project)
        },
    ]

    private static let registry: [TenancyCall] = [
        TenancyCall("ModelRepository.insert") { tx, keys, _ in
            try tx.models.insert(Fixtures.model(9, in: keys.project))
        },
        TenancyCall("ModelRepository.named") { tx, keys, _ in
            try tx.models.named(keys.modelName, in: keys.project) as Any
        },
        TenancyCall("ModelVersionRepository.insert") { tx, keys, _ in
            try tx.modelVersions.insert(Fixtures.modelVersion(9, of: keys.model))
        },
        TenancyCall("ModelVersionRepository.insert with a source run") { tx, keys, own in
            try tx.modelVersions.insert(
                Fixtures.modelVersion(9, of: own.model.id, sourceRun: keys.run))
        },
        TenancyCall("ModelVersionRepository.version(_:of:)") { tx, keys, _ in
            try tx.modelVersions.version(keys.versionName, of: keys.model) as Any
        },
        TenancyCall("ModelVersionRepository.of(model:)") { tx, keys, _ in
            try tx.modelVersions.of(model: keys.model)
        },
        TenancyCall("ModelVersionRepository.inStage") { tx, keys, _ in
            try tx.modelVersions.inStage(.development, of: keys.model)
        },
        TenancyCall("ModelVersionRepository.latest") { tx, keys, _ in
            try tx.modelVersions.latest(of: keys.model) as Any
        },
        TenancyCall("ModelVersionRepository.nextVersion") { tx, keys, _ in
            try tx.modelVersions.nextVersion(of: keys.model)
        },
        TenancyCall("ModelVersionRepository.promote") { tx, keys, _ in
            try tx.modelVersions.promote(keys.version, to: .production)
        },
        TenancyCall("ModelVersionRepository.lineage") { tx, keys, _ in
            try tx.modelVersions.lineage(of: keys.version)
        },
    ]

    private static let experiments: [TenancyCall] = [
        TenancyCall("ExperimentRepository.insert") { tx, keys, _ in
            try tx.experiments.insert(Fixtures.experiment(9, in: keys.project))
        },
        TenancyCall("ExperimentRepository.insert with a model") { tx, keys, own in
            try tx.experiments.insert(
                Fixtures.experiment(9, in: own.project.id, model: keys.model))
        },
        TenancyCall("ExperimentRepository.named") { tx, keys, _ in
            try tx.experiments.named(keys.experimentName, in: keys.project) as Any
        },
        TenancyCall("ExperimentRepository.of(project:)") { tx, keys, _ in
            try tx.experiments.of(project: keys.project)
        },
        TenancyCall("ExperimentRunRepository.insert") { tx, keys, _ in
            try tx.runs.insert(Fixtures.run(9, of: keys.experiment))
        },
        TenancyCall("ExperimentRunRepository.insert with a parent run") { tx, keys, own in
            try tx.runs.insert(Fixtures.run(9, of: own.experiment.id, parent: keys.run))
        },
        TenancyCall("ExperimentRunRepository.update with a parent run") { tx, keys, own in
            var run = own.run
            run.parentRunID = keys.run
            return try tx.runs.update(run)
        },
        TenancyCall("ExperimentRunRepository.of(experiment:)") { tx, keys, _ in
            try tx.runs.of(experiment: keys.experiment)
        },
        TenancyCall("ExperimentRunRepository.children") { tx, keys, _ in
            try tx.runs.children(of: keys.run)
        },
        TenancyCall("ExperimentRunRepository.ancestors") { tx, keys, _ in
            try tx.runs.ancestors(of: keys.run)
        },
        TenancyCall("ExperimentRunRepository.ranked") { tx, keys, _ in
            try tx.runs.ranked(by: "accuracy", in: keys.experiment)
        },
        TenancyCall("ExperimentRunRepository.versions") { tx, keys, _ in
            try tx.runs.versions(from: keys.run)
        },
        TenancyCall("ExperimentRunRepository.record of metrics") { tx, keys, _ in
            var batch = MetricBatch()
            batch.add("loss", 1, step: 1)
            try tx.runs.record(batch, in: keys.run)
            return ()
        },
        TenancyCall("ExperimentRunRepository.record of an artifact") { tx, keys, _ in
            let artifact = Artifact(sha256: "0", sizeBytes: 1, path: "a")
            try tx.runs.record(artifact, named: "a", in: keys.run)
            return ()
        },
        TenancyCall("ExperimentRunRepository.end") { tx, keys, _ in
            try tx.runs.end(keys.run, as: .failed, error: nil)
        },
        TenancyCall("ExperimentRunRepository.resume") { tx, keys, _ in
            try tx.runs.resume(keys.run, environment: [:])
        },
        TenancyCall("RunMetricRepository.insert") { tx, keys, _ in
            try tx.metrics.insert(Fixtures.metric(9, of: keys.run))
        },
        TenancyCall("RunMetricRepository.insert(contentsOf:)") { tx, keys, own in
            try tx.metrics.insert(contentsOf: [
                Fixtures.metric(8, of: own.run.id), Fixtures.metric(9, of: keys.run),
            ])
        },
        TenancyCall("RunMetricRepository.history") { tx, keys, _ in
            try tx.metrics.history(of: keys.run, metric: "accuracy")
        },
        TenancyCall("RunMetricRepository.forEachPoint") { tx, keys, _ in
            try tx.metrics.forEachPoint(of: keys.run, metric: "accuracy") { _ in true }
            return ()
        },
        TenancyCall("RunMetricRepository.buckets") { tx, keys, _ in
            try tx.metrics.buckets(of: keys.run, metric: "accuracy", count: 10)
        },
        TenancyCall("RunMetricRepository.names") { tx, keys, _ in
            try tx.metrics.names(of: keys.run)
        },
        TenancyCall("RunMetricRepository.last") { tx, keys, _ in
            try tx.metrics.last(of: keys.run, metric: "accuracy") as Any
        },
    ]

    private static let deployments: [TenancyCall] = [
        TenancyCall("DeploymentRepository.insert into a project") { tx, keys, own in
            try tx.deployments.insert(
                Fixtures.deployment(9, in: keys.project, version: own.version.id))
        },
        TenancyCall("DeploymentRepository.deploy of a version") { tx, keys, own in
            try tx.deployments.deploy(
                Fixtures.deployment(9, in: own.project.id, version: keys.version))
        },
        TenancyCall("DeploymentRepository.named") { tx, keys, _ in
            try tx.deployments.named(
                keys.deploymentName, environment: .production, in: keys.project) as Any
        },
        TenancyCall("DeploymentRepository.of(project:)") { tx, keys, _ in
            try tx.deployments.of(project: keys.project)
        },
        TenancyCall("DeploymentRepository.of(version:)") { tx, keys, _ in
            try tx.deployments.of(version: keys.version)
        },
        TenancyCall("DeploymentRepository.update(_:to:) of one") { tx, keys, own in
            try tx.deployments.update(keys.deployment, to: own.version.id)
        },
        TenancyCall("DeploymentRepository.update(_:to:) to a version") { tx, keys, own in
            try tx.deployments.update(own.deployment.id, to: keys.version)
        },
        TenancyCall("DeploymentRepository.scale") { tx, keys, _ in
            try tx.deployments.scale(keys.deployment, min: 1, max: 2)
        },
        TenancyCall("DeploymentRepository.rollback") { tx, keys, _ in
            try tx.deployments.rollback(keys.deployment)
        },
        TenancyCall("DeploymentRepository.rollback to a version") { tx, keys, own in
            try tx.deployments.rollback(own.deployment.id, to: keys.version)
        },
        TenancyCall("DeploymentRepository.terminate") { tx, keys, _ in
            try tx.deployments.terminate(keys.deployment)
        },
        TenancyCall("DeploymentRepository.liveVersion") { tx, keys, _ in
            try tx.deployments.liveVersion(of: keys.deployment, at: far) as Any
        },
        TenancyCall("DeploymentHistoryRepository.insert") { tx, keys, own in
            try tx.deploymentHistory.insert(
                Fixtures.historyEntry(9, of: keys.deployment, version: own.version.id))
        },
        TenancyCall("DeploymentHistoryRepository.insert of a version") { tx, keys, own in
            try tx.deploymentHistory.insert(
                Fixtures.historyEntry(9, of: own.deployment.id, version: keys.version))
        },
        TenancyCall("DeploymentHistoryRepository.of(deployment:)") { tx, keys, _ in
            try tx.deploymentHistory.of(deployment: keys.deployment)
        },
        TenancyCall("DeploymentHistoryRepository.complete") { tx, keys, _ in
            try tx.deploymentHistory.complete(keys.historyEntry)
        },
        TenancyCall("ModelMonitoringRepository.insert") { tx, keys, _ in
            try tx.monitoring.insert(Fixtures.monitoring(9, of: keys.deployment))
        },
        TenancyCall("ModelMonitoringRepository.series") { tx, keys, _ in
            try tx.monitoring.series(
                of: keys.deployment, metric: "latency_ms", from: Fixtures.date, to: far)
        },
        TenancyCall("ModelMonitoringRepository.anomalies") { tx, keys, _ in
            try tx.monitoring.anomalies(of: keys.deployment, from: Fixtures.date, to: far)
        },
        TenancyCall("DataDriftReportRepository.insert") { tx, keys, _ in
            try tx.driftReports.insert(Fixtures.driftReport(9, of: keys.deployment))
        },
        TenancyCall("DataDriftReportRepository.of(deployment:overlapping:)") { tx, keys, _ in
            try tx.driftReports.of(
                deployment: keys.deployment, overlapping: Fixtures.date...far)
        },
        TenancyCall("DataDriftReportRepository.latest") { tx, keys, _ in
            try tx.driftReports.latest(of: keys.deployment) as Any
        },
    ]

    private static let rest: [TenancyCall] = [
        TenancyCall("AlertRepository.insert") { tx, keys, _ in
            try tx.alerts.insert(Fixtures.alert(9, deployment: keys.deployment))
        },
        TenancyCall("AlertRepository.raise") { tx, keys, _ in
            try tx.alerts.raise(Fixtures.alert(9, deployment: keys.deployment))
        },
        TenancyCall("AlertRepository.of(deployment:)") { tx, keys, _ in
            try tx.alerts.of(deployment: keys.deployment)
        },
        TenancyCall("AlertRepository.acknowledge") { tx, keys, _ in
            try tx.alerts.acknowledge(keys.alert)
        },
        TenancyCall("AlertRepository.resolve") { tx, keys, _ in
            try tx.alerts.resolve(keys.alert)
        },
        TenancyCall("APIKeyRepository.withPrefix") { tx, keys, _ in
            try tx.apiKeys.withPrefix(keys.keyPrefix) as Any
        },
        TenancyCall("APIKeyRepository.of(user:)") { tx, keys, _ in
            try tx.apiKeys.of(user: keys.user)
        },
        TenancyCall("APIKeyRepository.revoke") { tx, keys, _ in
            try tx.apiKeys.revoke(keys.apiKey)
        },
        TenancyCall("NotificationChannelRepository.named") { tx, keys, _ in
            try tx.notificationChannels.named(keys.channelName) as Any
        },
        TenancyCall("NotificationChannelRepository.openedConfig") { tx, keys, _ in
            try tx.notificationChannels.openedConfig(of: keys.channel)
        },
        TenancyCall("NotificationRuleRepository.insert") { tx, keys, _ in
            try tx.notificationRules.insert(Fixtures.rule(9, to: keys.channel))
        },
        TenancyCall("NotificationRuleRepository.insert for a project") { tx, keys, own in
            try tx.notificationRules.insert(
                Fixtures.rule(9, to: own.channel.id, project: keys.project))
        },
        TenancyCall("NotificationRuleRepository.insert for a deployment") { tx, keys, own in
            try tx.notificationRules.insert(
                Fixtures.rule(9, to: own.channel.id, deployment: keys.deployment))
        },
        TenancyCall("NotificationRuleRepository.named") { tx, keys, _ in
            try tx.notificationRules.named(keys.ruleName) as Any
        },
        TenancyCall("NotificationRuleRepository.of(channel:)") { tx, keys, _ in
            try tx.notificationRules.of(channel: keys.channel)
        },
        TenancyCall("NotificationRuleRepository.matching") { tx, keys, _ in
            try tx.notificationRules.matching(
                .alert, project: keys.project, deployment: keys.deployment)
        },
        TenancyCall("AuditLogRepository.of(resource:id:)") { tx, keys, _ in
            try tx.auditLogs.of(resource: "model", id: keys.model.description)
        },
    ]
}
