public import MLOpsCore

/// One stored row of every entity, related to each other.
///
/// ```swift
/// let tree = try await Fixtures.insertTree(into: workspace)
/// try await workspace.write { try $0.deployments.terminate(tree.deployment.id) }
/// ```
public struct FixtureTree: Sendable {
    /// The acting user of the workspace.
    public internal(set) var user: User
    /// The workspace's organization.
    public internal(set) var organization: Organization
    /// The acting user's membership.
    public internal(set) var membership: OrganizationMembership
    /// A project.
    public internal(set) var project: Project
    /// The acting user's membership in the project.
    public internal(set) var projectMember: ProjectMember
    /// A model of the project.
    public internal(set) var model: Model
    /// An experiment of the project, about the model.
    public internal(set) var experiment: Experiment
    /// A run of the experiment.
    public internal(set) var run: ExperimentRun
    /// A point of the run's accuracy.
    public internal(set) var metric: RunMetric
    /// A version of the model, which the run produced.
    public internal(set) var version: ModelVersion
    /// A deployment of the version.
    public internal(set) var deployment: Deployment
    /// The first change of the deployment.
    public internal(set) var historyEntry: DeploymentHistoryEntry
    /// A measurement of the deployment.
    public internal(set) var monitoring: ModelMonitoring
    /// A drift report of the deployment.
    public internal(set) var driftReport: DataDriftReport
    /// An open alert of the deployment.
    public internal(set) var alert: Alert
    /// A key of the acting user.
    public internal(set) var apiKey: APIKey
    /// A channel for notifications.
    public internal(set) var channel: NotificationChannel
    /// A rule of the project and the deployment, which sends to the channel.
    public internal(set) var rule: NotificationRule
    /// An entry of the audit trail.
    public internal(set) var auditLog: AuditLog
}

extension Fixtures {
    /// Stores one row of every entity in a workspace, in one transaction.
    ///
    /// - Parameters:
    ///   - workspace: The workspace to store them in.
    ///   - number: The number of each fixture, different for each tree of a store.
    ///   - visibility: Who sees the project.
    public static func insertTree(
        into workspace: Workspace, number: Int = 1,
        visibility: ProjectVisibility = .organization
    ) async throws -> FixtureTree {
        let (user, organization) = (workspace.principal.userID, workspace.organizationID)
        return try await workspace.write { tx in
            try insertTree(
                into: tx, user: user, organization: organization, number: number,
                visibility: visibility)
        }
    }

    /// Stores a tree with the ids of another organization's, but for what is unique in all.
    static func insertTwin(into workspace: Workspace) async throws -> FixtureTree {
        let (user, organization) = (workspace.principal.userID, workspace.organizationID)
        return try await workspace.write { tx in
            try insertTree(
                into: tx, user: user, organization: organization, number: 1,
                visibility: .organization, isTwin: true)
        }
    }

    /// Stores one row of every entity in a transaction of this user in this organization.
    static func insertTree(
        into tx: any Transaction, user: Identifier<User>, organization: Identifier<Organization>,
        number: Int, visibility: ProjectVisibility, isTwin: Bool = false
    ) throws -> FixtureTree {
        let user = try tx.users.find(user)
        let project = try tx.projects.insert(
            Fixtures.project(number, visibility: visibility))
        let model = try tx.models.insert(Fixtures.model(number, in: project.id))
        let experiment = try tx.experiments.insert(
            Fixtures.experiment(number, in: project.id, model: model.id))
        let run = try run(number, of: experiment.id, in: tx)
        let version = try tx.modelVersions.insert(
            Fixtures.modelVersion(number, of: model.id, sourceRun: run.id))
        let deployment = try tx.deployments.deploy(
            Fixtures.deployment(number, in: project.id, version: version.id), reason: "fixture")
        let channel = try tx.notificationChannels.insert(Fixtures.channel(number))
        return FixtureTree(
            user: user,
            organization: try tx.organizations.find(organization),
            membership: try membership(of: user.id, in: tx),
            project: project,
            projectMember: try tx.projectMembers.insert(
                projectMember(number, of: user.id, in: project.id, role: .owner)),
            model: model, experiment: experiment, run: run,
            metric: try only(tx.metrics.page { $0.runID == run.id }),
            version: version, deployment: deployment,
            historyEntry: try only(tx.deploymentHistory.of(deployment: deployment.id)),
            monitoring: try tx.monitoring.insert(monitoring(number, of: deployment.id)),
            driftReport: try tx.driftReports.insert(driftReport(number, of: deployment.id)),
            alert: try tx.alerts.insert(alert(number, deployment: deployment.id)),
            apiKey: try tx.apiKeys.insert(
                apiKey(number, of: user.id, prefix: isTwin ? "twin_\(number)" : nil)),
            channel: channel,
            rule: try tx.notificationRules.insert(
                rule(number, to: channel.id, project: project.id, deployment: deployment.id)),
            auditLog: try tx.auditLogs.insert(
                auditLog(isTwin ? 1000 + number : number, resourceID: model.id.description)))
    }

    /// A run with one point.
    private static func run(
        _ number: Int, of experiment: Identifier<Experiment>, in tx: any Transaction
    ) throws -> ExperimentRun {
        let run = try tx.runs.insert(run(number, of: experiment))
        var batch = MetricBatch()
        batch.firstID = id(RunMetric.self, number)
        batch.add("accuracy", 0.9, step: 1, at: date)
        try tx.runs.append(batch, to: run.id)
        return try tx.runs.find(run.id)
    }

    private static func only<Record: Entity>(_ rows: some Sequence<Record>) throws -> Record {
        var rows = rows.makeIterator()
        guard let row = rows.next() else {
            throw StoreError(.notFound, "The store has no \(Record.entityName) of the tree.")
        }
        return row
    }

    private static func membership(
        of user: Identifier<User>, in tx: any Transaction
    ) throws -> OrganizationMembership {
        guard let membership = try tx.memberships.membership(of: user) else {
            throw StoreError(.notFound, "The acting user is no member of the organization.")
        }
        return membership
    }
}
