import MLOpsCore

/// An entity whose repository the generic scenarios try.
protocol FixtureEntity: Entity {
    /// Another valid row below a tree; numbers above 10 are free.
    static func fixture(
        _ number: Int, in tree: FixtureTree, _ context: ConformanceContext
    ) async throws -> Self

    /// The tree's own row.
    static func row(of tree: FixtureTree) -> Self

    /// The workspace's rows of the entity.
    static func records(in workspace: Workspace) -> Records<Self>
}

extension OrganizationMembership: FixtureEntity {
    static func fixture(
        _ number: Int, in tree: FixtureTree, _ context: ConformanceContext
    ) async throws -> Self {
        Fixtures.membership(number, of: try await context.insertUser(number).id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.membership }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.memberships }
}

extension ProjectMember: FixtureEntity {
    static func fixture(
        _ number: Int, in tree: FixtureTree, _ context: ConformanceContext
    ) async throws -> Self {
        let user = try await context.insertMember(number)
        return Fixtures.projectMember(number, of: user.id, in: tree.project.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.projectMember }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.projectMembers }
}

extension Project: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.project(number)
    }

    static func row(of tree: FixtureTree) -> Self { tree.project }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.projects }
}

extension Model: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.model(number, in: tree.project.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.model }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.models }
}

extension ModelVersion: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.modelVersion(number, of: tree.model.id, sourceRun: tree.run.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.version }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.modelVersions }
}

extension Experiment: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.experiment(number, in: tree.project.id, model: tree.model.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.experiment }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.experiments }
}

extension ExperimentRun: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.run(number, of: tree.experiment.id, parent: tree.run.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.run }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.runs }
}

extension RunMetric: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.metric(number, of: tree.run.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.metric }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.metrics }
}

extension Deployment: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.deployment(number, in: tree.project.id, version: tree.version.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.deployment }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.deployments }
}

extension DeploymentHistoryEntry: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.historyEntry(number, of: tree.deployment.id, version: tree.version.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.historyEntry }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.deploymentHistory }
}

extension ModelMonitoring: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.monitoring(number, of: tree.deployment.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.monitoring }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.monitoring }
}

extension DataDriftReport: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.driftReport(number, of: tree.deployment.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.driftReport }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.driftReports }
}

extension Alert: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.alert(number, deployment: tree.deployment.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.alert }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.alerts }
}

extension APIKey: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.apiKey(number, of: tree.user.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.apiKey }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.apiKeys }
}

extension NotificationChannel: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.channel(number)
    }

    static func row(of tree: FixtureTree) -> Self { tree.channel }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.notificationChannels }
}

extension NotificationRule: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.rule(
            number, to: tree.channel.id, project: tree.project.id, deployment: tree.deployment.id)
    }

    static func row(of tree: FixtureTree) -> Self { tree.rule }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.notificationRules }
}

extension AuditLog: FixtureEntity {
    static func fixture(_ number: Int, in tree: FixtureTree, _: ConformanceContext) -> Self {
        Fixtures.auditLog(number)
    }

    static func row(of tree: FixtureTree) -> Self { tree.auditLog }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.auditLogs }
}
