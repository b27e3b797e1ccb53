import Crypto
import MLOpsCore

extension CallMaker {
    /// What each repository has beyond what all have.
    mutating func addOwn() async throws {
        let (keys, tree) = (TreeKeys(tree), tree)
        add(
            TenancyCalls.all.filter { !Self.repeated.contains($0.name) }.map { call in
                RepositoryCall(call.name) { try call.body($0, keys, tree) }
            })
        addProjects()
        try await addVersions()
        try await addAlerts()
        addChannels()
        try await addRules()
        let child = try await context.workspace.runs.insert(
            Fixtures.run(
                next(), of: tree.experiment.id, parent: tree.run.id, status: .running))
        let signer = Curve25519.Signing.PrivateKey()
        let seal = try await context.workspace.read { try $0.auditLogs.seal(with: signer) }
        let entry = try await context.workspace.deploymentHistory.insert(
            Fixtures.historyEntry(
                next(), of: tree.deployment.id, version: tree.version.id, action: .scale,
                status: .pending)
        ).id
        add([
            RepositoryCall("ExperimentRunRepository.ancestors") {
                try $0.runs.ancestors(of: child.id)
            },
            RepositoryCall("ExperimentRunRepository.update with a parent run") {
                try $0.runs.update(child)
            },
            RepositoryCall("ExperimentRunRepository.record of a heartbeat") {
                try $0.runs.record(MetricBatch(), in: tree.run.id)
            },
            RepositoryCall("ExperimentRunRepository.running") {
                try $0.runs.running().filter { $0.experimentID == tree.experiment.id }
            },
            RepositoryCall("ExperimentRunRepository.end") {
                _ = try $0.runs.resume(child.id, environment: [:])
                return try $0.runs.end(child.id, as: .failed, error: "fixture")
            },
            RepositoryCall("DeploymentHistoryRepository.complete") {
                try $0.deploymentHistory.complete(entry)
            },
            RepositoryCall("AuditLogRepository.verifyChain") { try $0.auditLogs.verifyChain() },
            RepositoryCall("AuditLogRepository.seal") { try $0.auditLogs.seal(with: signer) },
            RepositoryCall("AuditLogRepository.verify") {
                try $0.auditLogs.verify(against: seal, trusting: signer.publicKey)
            },
        ])
    }

    /// The calls that are made elsewhere, on other rows.
    private static let repeated: Set = [
        "OrganizationMembershipRepository.membership",
        "OrganizationMembershipRepository.of(user:)", "ProjectRepository.ofMember",
        "ProjectMemberRepository.insert", "ModelRepository.insert",
        "ModelVersionRepository.insert", "ExperimentRepository.insert",
        "ExperimentRunRepository.insert", "ExperimentRunRepository.ancestors",
        "ExperimentRunRepository.end", "ExperimentRunRepository.update with a parent run",
        "RunMetricRepository.insert",
        "RunMetricRepository.insert(contentsOf:)", "DeploymentHistoryRepository.insert",
        "DeploymentHistoryRepository.complete", "ModelMonitoringRepository.insert",
        "DataDriftReportRepository.insert", "AlertRepository.insert",
        "APIKeyRepository.withPrefix", "APIKeyRepository.of(user:)", "APIKeyRepository.revoke",
        "NotificationRuleRepository.insert", "NotificationRuleRepository.of(channel:)",
        "NotificationRuleRepository.matching",
    ]

    private mutating func addProjects() {
        let tree = tree
        add([
            RepositoryCall("OrganizationRepository.update of a limit") { tx in
                var organization = tree.organization
                organization.maxModels = 1_000_000
                return try tx.organizations.update(organization)
            },
            RepositoryCall("ProjectRepository.ofMember") { tx in
                try tx.projects.ofMember(tree.user.id).filter { $0.id == tree.project.id }
            },
        ])
    }

    private mutating func addVersions() async throws {
        let name = "ModelVersionRepository"
        let (model, number, version) = (tree.model.id, next(), tree.version)
        let live = try await context.workspace.modelVersions.insert(
            Fixtures.modelVersion(next(), of: model, stage: .production))
        let former = try await gone(
            try await context.workspace.modelVersions.insert(
                Fixtures.modelVersion(next(), of: model, stage: .production)))
        add([
            RepositoryCall("\(name).insert in production") {
                try $0.modelVersions.insert(
                    Fixtures.modelVersion(number, of: model, stage: .production))
            },
            RepositoryCall("\(name).update in production") {
                try $0.modelVersions.update(live)
            },
            RepositoryCall("\(name).update to production") { tx in
                var version = version
                version.stage = .production
                return try tx.modelVersions.update(version)
            },
            RepositoryCall("\(name).update from production") { tx in
                var version = live
                version.stage = .archived
                return try tx.modelVersions.update(version)
            },
            RepositoryCall("\(name).promote to staging") {
                try $0.modelVersions.promote(version.id, to: .staging)
            },
            RepositoryCall("\(name).promote from production") {
                try $0.modelVersions.promote(live.id, to: .archived)
            },
            RepositoryCall("\(name).promote archiving others") {
                try $0.modelVersions.promote(version.id, to: .production, archivingCurrent: true)
            },
            RepositoryCall("\(name).delete in production") {
                try $0.modelVersions.delete(live.id)
            },
            RepositoryCall("\(name).restore to production") {
                try $0.modelVersions.restore(former)
            },
        ])
    }

    private mutating func addAlerts() async throws {
        let name = "AlertRepository"
        let (alert, number) = (tree.alert, next())
        let general = try await context.workspace.alerts.insert(Fixtures.alert(next()))
        add([
            RepositoryCall("\(name).open") { try $0.alerts.open().filter { $0.id == alert.id } },
            RepositoryCall("\(name).unresolved") {
                try $0.alerts.unresolved().filter { $0.id == alert.id }
            },
            RepositoryCall("\(name).raise again") { try $0.alerts.raise(alert) },
            RepositoryCall("\(name).insert of no project") {
                try $0.alerts.insert(Fixtures.alert(number))
            },
            RepositoryCall("\(name).raise of no project") {
                try $0.alerts.raise(Fixtures.alert(number))
            },
            RepositoryCall("\(name).findIfExists of no project") {
                try $0.alerts.findIfExists(general.id) as Any
            },
            RepositoryCall("\(name).update of no project") { try $0.alerts.update(general) },
            RepositoryCall("\(name).acknowledge of no project") {
                try $0.alerts.acknowledge(general.id)
            },
            RepositoryCall("\(name).resolve of no project") {
                try $0.alerts.resolve(general.id)
            },
        ])
    }

    private mutating func addChannels() {
        let number = next()
        func own(
            _ method: String,
            _ body:
                @escaping @Sendable (
                    any NotificationChannelRepository, NotificationChannel
                ) throws -> Any
        ) {
            add([
                RepositoryCall("NotificationChannelRepository.\(method) of one's own") { tx in
                    let channels = tx.notificationChannels
                    return try body(channels, try channels.insert(Fixtures.channel(number)))
                }
            ])
        }
        own("update") { try $0.update($1) }
        own("delete") { try $0.delete($1.id) }
        own("restore") { channels, channel in
            try channels.delete(channel.id)
            return try channels.restore(channel.id)
        }
        own("purge") { channels, channel in
            try channels.delete(channel.id)
            return try channels.purge(channel.id)
        }
    }

    private mutating func addRules() async throws {
        let name = "NotificationRuleRepository"
        let (tree, channel, number) = (tree, tree.channel.id, next())
        let rules = context.workspace.notificationRules
        let general = try await rules.insert(Fixtures.rule(next(), to: channel))
        let former = try await gone(try await rules.insert(Fixtures.rule(next(), to: channel)))
        add([
            RepositoryCall("\(name).of(channel:)") {
                try $0.notificationRules.of(channel: channel).filter { $0.id == tree.rule.id }
            },
            RepositoryCall("\(name).matching") {
                try $0.notificationRules.matching(
                    .alert, project: tree.project.id, deployment: tree.deployment.id
                ).filter { $0.id == tree.rule.id }
            },
            RepositoryCall("\(name).insert of no project") {
                try $0.notificationRules.insert(Fixtures.rule(number, to: channel))
            },
            RepositoryCall("\(name).findIfExists of no project") {
                try $0.notificationRules.findIfExists(general.id) as Any
            },
            RepositoryCall("\(name).update of no project") {
                try $0.notificationRules.update(general)
            },
            RepositoryCall("\(name).delete of no project") {
                try $0.notificationRules.delete(general.id)
            },
            RepositoryCall("\(name).restore of no project") {
                try $0.notificationRules.restore(former)
            },
            RepositoryCall("\(name).purge of no project") {
                try $0.notificationRules.purge(former)
            },
        ])
    }
}
