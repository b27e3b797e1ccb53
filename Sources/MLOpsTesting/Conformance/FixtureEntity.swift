import MLOpsCore

/// An entity with fixtures for the generic scenarios and calls.
protocol FixtureEntity: TableMapped {
    /// The field of a tree that holds its row.
    static var field: WritableKeyPath<FixtureTree, Self> { get }

    /// The kind of user that a new row refers to.
    static var newcomer: Newcomer { get }

    /// Another valid row; numbers above 10 are unused.
    static func fixture(_ number: Int, in place: FixturePlace) -> Self

    /// The workspace's rows of the entity.
    static func records(in workspace: Workspace) -> Records<Self>
}

/// The parents of a new row.
struct FixturePlace {
    /// The tree with the row's first parent.
    let tree: FixtureTree
    /// The tree with its other parents.
    let own: FixtureTree
    let newcomer: Identifier<User>
}

/// The kind of user that a new row refers to.
enum Newcomer {
    /// The row needs no new user.
    case none
    /// A user who belongs to no organization.
    case stranger
    /// A member of the organization who has no role in the project.
    case member
}

extension FixtureEntity {
    static var newcomer: Newcomer { .none }

    /// The tree's own row.
    static func row(of tree: FixtureTree) -> Self { tree[keyPath: field] }

    /// Another valid row below a tree; numbers above 10 are unused.
    static func fixture(
        _ number: Int, in tree: FixtureTree, _ context: ConformanceContext
    ) async throws -> Self {
        let user =
            switch newcomer {
            case .none: tree.user.id
            case .stranger: try await context.insertUser(number).id
            case .member: try await context.insertMember(number).id
            }
        return fixture(number, in: FixturePlace(tree: tree, own: tree, newcomer: user))
    }
}

extension FixtureTree {
    /// The entities of the tree's rows.
    static let entities: [any FixtureEntity.Type] = [
        User.self, Organization.self, OrganizationMembership.self, Project.self,
        ProjectMember.self, Model.self, ModelVersion.self, Experiment.self, ExperimentRun.self,
        RunMetric.self, Deployment.self, DeploymentHistoryEntry.self, ModelMonitoring.self,
        DataDriftReport.self, Alert.self, APIKey.self, NotificationChannel.self,
        NotificationRule.self, AuditLog.self,
    ]

    /// The entities whose rows belong to an organization.
    static let tenantEntities = entities.filter { $0.table.tenancy == .organizationColumn }

    /// Those whose rows are a project, or hang on one.
    static let projectEntities = entities.filter { $0.table.belongsToProjects }

    /// The tables of those whose rows can be deleted, sorted, with a space in between.
    static func deletable(_ entities: [any FixtureEntity.Type]) -> String {
        entities.filter { $0 is any SoftDeletable.Type }.map { $0.table.name }.sorted()
            .joined(separator: " ")
    }

    /// The rows of one tree, by table.
    static func counts(of entities: [any FixtureEntity.Type]) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: entities.map { ($0.table.name, 1) })
    }
}

extension User: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.user }

    static func fixture(_ number: Int, in _: FixturePlace) -> Self {
        Fixtures.user(number)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.users }
}

extension Organization: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.organization }

    static func fixture(_ number: Int, in _: FixturePlace) -> Self {
        Fixtures.organization(number)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.organizations }
}

extension OrganizationMembership: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.membership }
    static var newcomer: Newcomer { .stranger }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.membership(number, of: place.newcomer)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.memberships }
}

extension Project: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.project }

    static func fixture(_ number: Int, in _: FixturePlace) -> Self {
        Fixtures.project(number)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.projects }
}

extension ProjectMember: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.projectMember }
    static var newcomer: Newcomer { .member }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.projectMember(number, of: place.newcomer, in: place.tree.project.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.projectMembers }
}

extension Model: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.model }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.model(number, in: place.tree.project.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.models }
}

extension ModelVersion: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.version }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.modelVersion(number, of: place.tree.model.id, sourceRun: place.own.run.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.modelVersions }
}

extension Experiment: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.experiment }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.experiment(number, in: place.tree.project.id, model: place.own.model.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.experiments }
}

extension ExperimentRun: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.run }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.run(number, of: place.tree.experiment.id, parent: place.tree.run.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.runs }
}

extension RunMetric: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.metric }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.metric(number, of: place.tree.run.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.metrics }
}

extension Deployment: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.deployment }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.deployment(number, in: place.tree.project.id, version: place.own.version.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.deployments }
}

extension DeploymentHistoryEntry: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.historyEntry }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.historyEntry(number, of: place.tree.deployment.id, version: place.own.version.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.deploymentHistory }
}

extension ModelMonitoring: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.monitoring }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.monitoring(number, of: place.tree.deployment.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.monitoring }
}

extension DataDriftReport: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.driftReport }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.driftReport(number, of: place.tree.deployment.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.driftReports }
}

extension Alert: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.alert }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.alert(number, deployment: place.tree.deployment.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.alerts }
}

extension APIKey: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.apiKey }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.apiKey(number, of: place.tree.apiKey.userID)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.apiKeys }
}

extension NotificationChannel: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.channel }

    static func fixture(_ number: Int, in _: FixturePlace) -> Self {
        Fixtures.channel(number)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.notificationChannels }
}

extension NotificationRule: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.rule }

    static func fixture(_ number: Int, in place: FixturePlace) -> Self {
        Fixtures.rule(
            number, to: place.tree.channel.id, project: place.own.project.id,
            deployment: place.own.deployment.id)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.notificationRules }
}

extension AuditLog: FixtureEntity {
    static var field: WritableKeyPath<FixtureTree, Self> { \.auditLog }

    static func fixture(_ number: Int, in _: FixturePlace) -> Self {
        Fixtures.auditLog(number)
    }

    static func records(in workspace: Workspace) -> Records<Self> { workspace.auditLogs }
}
