import MLOpsCore

/// A project with a row of every entity below it, others that are deleted, and others yet to be
/// stored: where every method of every repository can be called.
struct CallSite: Sendable {
    let tree: FixtureTree
    /// Every method of every repository.
    let calls: [RepositoryCall]
    /// What rows are called, by their ids: each row of the tree `row`, one yet to be stored `new`,
    /// and one that is deleted `gone`.
    let names: [String: String]

    /// Makes a project and all that hangs on it.
    ///
    /// - Parameters:
    ///   - number: The number of the fixtures; another one for each site of a store.
    ///   - roles: Who belongs to the project, and to one like it that is deleted.
    init(
        _ context: ConformanceContext, _ number: Int, visibility: ProjectVisibility = .private,
        roles: [(user: Identifier<User>, role: ProjectRole)] = []
    ) async throws {
        tree = try await Fixtures.insertTree(
            into: context.workspace, number: number, visibility: visibility)
        var maker = CallMaker(context, tree, number: number * 1000)
        try await maker.addRoles(roles, to: tree.project.id)
        try await maker.makeAll(visibility: visibility, roles: roles)
        calls = maker.calls
        names = maker.names
    }
}

/// Stores what calls need, and makes the calls.
struct CallMaker {
    let context: ConformanceContext
    let tree: FixtureTree
    private(set) var number: Int
    private(set) var calls: [RepositoryCall] = []
    private(set) var names: [String: String] = [:]

    init(_ context: ConformanceContext, _ tree: FixtureTree, number: Int) {
        self.context = context
        self.tree = tree
        self.number = number
    }

    mutating func name<Record: Entity>(
        row: Record, new: Record, gone: Identifier<Record>? = nil
    ) {
        names[row.id.description] = "row"
        names[new.id.description] = "new"
        if let gone { names[gone.description] = "gone" }
    }

    mutating func add(_ calls: [RepositoryCall]) { self.calls += calls }

    /// A number that no fixture has.
    mutating func next() -> Int {
        number += 1
        return number
    }

    mutating func addRoles(
        _ roles: [(user: Identifier<User>, role: ProjectRole)], to project: Identifier<Project>
    ) async throws {
        for (user, role) in roles {
            try await context.workspace.projectMembers.insert(
                Fixtures.projectMember(next(), of: user, in: project, role: role))
        }
    }

    /// A row that is not stored yet.
    mutating func fixture<Record: FixtureEntity>(_ type: Record.Type) async throws -> Record {
        try await Record.fixture(next(), in: tree, context)
    }

    /// A stored row.
    mutating func stored<Record: FixtureEntity>(_ type: Record.Type) async throws -> Record {
        try await Record.records(in: context.workspace).insert(try await fixture(type))
    }

    /// A row that is deleted.
    mutating func gone<Record: FixtureEntity & SoftDeletable>(
        _ type: Record.Type
    ) async throws -> Identifier<Record> { try await gone(try await stored(type)) }

    func gone<Record: FixtureEntity & SoftDeletable>(
        _ row: Record
    ) async throws -> Identifier<Record> {
        try await Record.records(in: context.workspace).delete(row.id)
        return row.id
    }

    private mutating func addCommon<Record: FixtureEntity>(_ type: Record.Type) async throws {
        let new = try await fixture(type)
        name(row: type.row(of: tree), new: new)
        add(RepositoryCall.common(type.row(of: tree), new: new))
    }

    private mutating func addDeletable<Record: FixtureEntity & SoftDeletable>(
        _ type: Record.Type
    ) async throws {
        let (new, gone) = (try await fixture(type), try await gone(type))
        name(row: type.row(of: tree), new: new, gone: gone)
        add(RepositoryCall.deletable(type.row(of: tree), new: new, gone: gone))
    }

    mutating func makeAll(
        visibility: ProjectVisibility, roles: [(user: Identifier<User>, role: ProjectRole)]
    ) async throws {
        add(
            RepositoryCall.deletable(
                tree.user, new: Fixtures.user(next()), gone: tree.user.id))
        names[tree.organization.id.description] = "row"
        add(
            RepositoryCall.deletable(
                tree.organization, new: Fixtures.organization(next()),
                gone: tree.organization.id))
        let former = try await context.workspace.projects.insert(
            Fixtures.project(next(), visibility: visibility))
        try await addRoles(roles, to: former.id)
        let project = try await fixture(Project.self)
        name(row: tree.project, new: project, gone: try await gone(former))
        add(RepositoryCall.deletable(tree.project, new: project, gone: former.id))
        try await addDeletable(ProjectMember.self)
        try await addDeletable(Model.self)
        try await addDeletable(ModelVersion.self)
        try await addDeletable(Experiment.self)
        try await addDeletable(ExperimentRun.self)
        try await addCommon(RunMetric.self)
        try await addDeletable(Deployment.self)
        try await addCommon(DeploymentHistoryEntry.self)
        try await addCommon(ModelMonitoring.self)
        try await addCommon(DataDriftReport.self)
        let alert = try await fixture(Alert.self)
        name(row: tree.alert, new: alert)
        add(RepositoryCall.mutable(tree.alert, new: alert))
        try await addDeletable(NotificationChannel.self)
        try await addDeletable(NotificationRule.self)
        try await addCommon(AuditLog.self)
        try await addMemberships()
        try await addKeys()
        try await addOwn()
    }
}
