import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

// The snippets of the guides, to the letter but for their indentation: they compile, and run.

private func gettingStarted() async throws -> ModelVersion {
    let steps = 10
    let train = { @Sendable (step: Int) in 1 / Double(step + 1) }
    let store = try await SQLiteStore.open("mlops.db")
    let workspace = try await store.localWorkspace()
    let run = try await workspace.withRun(
        project: "Digits", experiment: "sweep", parameters: ["learning_rate": 0.1]
    ) { run in
        for step in 0..<steps { run.log("loss", train(step), step: step) }
        return run.id
    }
    let version = try await workspace.write { tx in
        let experiment = try tx.experiments.find(tx.runs.find(run).experimentID)
        let model = try tx.models.insert(Model(project: experiment.projectID, name: "classifier"))
        return try tx.modelVersions.insert(
            ModelVersion(model: model.id, version: "1.0.0", sourceRun: run))
    }
    try await store.close()
    return version
}

private func transactions(in workspace: Workspace) async throws -> Int {
    let project = try await workspace.write { tx -> Project? in
        do {
            return try tx.savepoint { try tx.projects.insert(Project(name: "digits")) }
        } catch let error as StoreError where error.code == .alreadyExists {
            return try tx.projects.withSlug("digits")
        }
    }
    if let project {
        try await workspace.write { tx in
            let model = try tx.models.insert(Model(project: project.id, name: "digits"))
            try tx.modelVersions.insert(ModelVersion(model: model.id, version: "1"))
        }
    }
    guard let id = try await workspace.models.first()?.id else { return 0 }
    var model = try await workspace.models.find(id)
    model.description = "..."
    do {
        try await workspace.models.update(model)
    } catch let error as StoreError where error.code == .conflict {
        // somebody else was first: read again and repeat the change
    }
    return try await workspace.models.find(id).revision
}

private func watching(in workspace: Workspace) async throws {
    let running = workspace.observe { tx in try tx.runs.running().map(\.runName) }
    for try await names in running {
        print(names)
        if names.isEmpty { break }
    }
}

private func withoutAsync() throws -> Int {
    let store = try SQLiteStore(path: "mlops.db")
    let workspace = try store.sync.localWorkspace()
    let run = try workspace.sync.startRun(project: "Digits", experiment: "callbacks")
    run.log("loss", 0.5, step: 1)
    try run.sync.finish()
    let count = try workspace.sync.read { tx in try tx.runs.count() }
    try store.sync.close()
    return count
}

private func tracking(in workspace: Workspace, weights: URL) async throws {
    let (hyperparameters, steps) = (["width": 64], 10)
    let (loss, accuracy, rate) = (0.1, 0.95, 0.01)
    try await workspace.withRun(
        project: "Digits", experiment: "sweep", name: "mlp-64", parameters: hyperparameters,
        tags: ["team": "vision"]
    ) { run in
        for step in 0..<steps {
            run.log("loss", loss, step: step)
            run.log(["accuracy": accuracy, "learning_rate": rate], step: step)
        }
        try await run.logArtifact(weights, named: "weights")
    }
}

private func exporting(
    _ run: Identifier<ExperimentRun>, of workspace: Workspace, to downloads: URL
) async throws -> URL {
    let model = try await workspace.exportArtifact(named: "weights", of: run, to: downloads)
    return model
}

private func registering(
    _ run: Identifier<ExperimentRun>, in project: Project, of workspace: Workspace
) async throws -> ModelVersion {
    let version = try await workspace.write { tx in
        let model = try tx.models.named("classifier", in: project.id)
        guard let model else { throw StoreError(.notFound, "There is no such model.") }
        let version = try tx.modelVersions.insert(
            ModelVersion(
                model: model.id, version: tx.modelVersions.nextVersion(of: model.id),
                sourceRun: run))
        return try tx.modelVersions.promote(version.id, to: .production, archivingCurrent: true)
    }
    let lineage = try await workspace.read { try $0.modelVersions.lineage(of: version.id) }
    print(lineage.run?.parameters["width"] ?? "unknown")
    return version
}

private func deploying(
    _ version: ModelVersion, then candidate: ModelVersion, in project: Project,
    of workspace: Workspace
) async throws -> ModelVersion? {
    let live = try await workspace.write { tx in
        let api = try tx.deployments.deploy(
            Deployment(
                project: project.id, modelVersion: version.id, name: "digits-api",
                environment: .production),
            reason: "best of the sweep")
        try tx.deployments.update(api.id, to: candidate.id, reason: "trial")
        try tx.deployments.scale(api.id, min: 1, max: 4)
        try tx.deployments.rollback(api.id, reason: "the trial is over")
        return try tx.deployments.liveVersion(of: api.id, at: .now)
    }
    return live
}

private func gating(_ model: Identifier<Model>, in workspace: Workspace) async throws {
    let policy = PromotionPolicy(
        checks: [
            MetricCheck(.performance("accuracy"), limit: 0.9),
            MetricCheck(
                .performance("accuracy"), relativeChange: 0, passesWithoutBaseline: true),
            MetricCheck(.run("loss", .min), lowerIsBetter: true, limit: 0.2),
        ],
        evidence: [.artifact, .sourceRun], approvals: 1, archivesCurrent: true)
    try await workspace.write { tx in
        _ = try tx.models.setPromotionPolicy(policy, for: .production, of: model)
    }
}

private func promoting(
    _ version: Identifier<ModelVersion>, in workspace: Workspace
) async throws {
    do {
        try await workspace.promote(version, to: .production)
    } catch let error as StoreError where error.code == .promotionRefused {
        for gate in error.promotion?.failures ?? [] { print(gate) }
    }
}

private func changing(
    _ api: Identifier<Deployment>, to candidate: Identifier<ModelVersion>, in workspace: Workspace
) async throws {
    let change = try await workspace.write { tx in
        try tx.deployments.begin(.update(to: candidate), of: api, reason: "better on night images")
    }
    // ... the cluster takes its time ...
    try await workspace.write { tx in _ = try tx.deployments.complete(change.id) }
}

private func withdrawing(from api: Identifier<Deployment>, in workspace: Workspace) async throws {
    let anHourAgo = workspace.now.addingTimeInterval(-3600)
    try await workspace.write { tx in
        guard let change = try tx.deploymentHistory.inProgress(of: api),
            change.startedAt < anHourAgo
        else { return }
        _ = try tx.deployments.fail(change.id, error: "the cluster did not answer")
    }
}

private func monitoring(
    _ api: Deployment, in workspace: Workspace
) async throws -> [ModelMonitoring] {
    let anomalies = try await workspace.write { tx in
        try tx.monitoring.insert(
            ModelMonitoring(
                deployment: api.id, metricName: "latency_ms", value: 480, thresholdMax: 250))
        let alert = try tx.alerts.raise(
            Alert(
                deployment: api.id, alertType: .highLatency, severity: .high, title: "It is slow"))
        try tx.alerts.acknowledge(alert.id)
        return try tx.monitoring.anomalies(of: api.id, from: .distantPast, to: .now)
    }
    return anomalies
}

private func tenancy(in store: SQLiteStore) async throws -> Workspace {
    let acme = try await store.withSystemAccess(reason: "sign-up of Acme") { system in
        try await system.write { tx in
            let user = try tx.users.insert(
                User(email: "ada@acme.example", firstName: "Ada", lastName: "L"))
            let acme = try tx.organizations.insert(Organization(name: "Acme"))
            let view = try tx.scoped(to: acme.id, as: .user(user.id))
            try view.memberships.insert(OrganizationMembership(user: user.id, role: .owner))
            return (acme.id, user.id)
        }
    }
    let workspace = try await store.workspace(organization: acme.0, as: .user(acme.1))
    return workspace
}

private func deletion(of project: Project, in workspace: Workspace) async throws -> Int {
    let deletion = try await workspace.projects.delete(project.id)
    print(deletion.counts)  // ["projects": 1, "models": 3, "experiments": 2, "experiment_runs": 40]
    return deletion.counts.values.reduce(0, +)
}

private func importing(
    _ model: Identifier<Model>, of author: Identifier<User>, at date: Date,
    into organization: Identifier<Organization>, of store: SQLiteStore
) async throws -> [ModelVersion] {
    let imported = try await store.withSystemAccess(reason: "import of a registry") { system in
        try await system.write { tx in
            var version = Historical(ModelVersion(model: model, version: "7", createdAt: date))
            try version.set({ $0.stage }, to: .production)
            try version.set({ $0.createdBy }, to: author)
            return try tx.scoped(to: organization, as: .user(author))
                .modelVersions.insert(history: [version])
        }
    }
    return imported
}

private func opening(_ store: SQLiteStore, with text: String) async throws -> Workspace {
    let workspace = try await store.workspace(apiKey: Secret(text))
    return workspace
}

private func giving(
    _ member: Identifier<User>, in project: Identifier<Project>, of workspace: Workspace
) async throws -> IssuedAPIKey {
    let issued = try await workspace.issueAPIKey(
        name: "trainer", permissions: APIKeyPermissions(scopes: ["run_metrics": ["write"]]),
        for: member)
    try await workspace.projectMembers.insert(
        ProjectMember(project: project, user: member, role: .contributor))
    return issued
}

private func inviting(into workspace: Workspace, of store: SQLiteStore) async throws {
    let invitation = try await workspace.invite(email: "grace@example.com", role: .member)
    try await store.acceptInvitation(to: workspace.organizationID, as: invitation.userID)
    try await workspace.write { tx in
        _ = try tx.memberships.changeRole(of: invitation.userID, to: .admin)
    }
}

private func signingIn(
    to store: SQLiteStore, _ organization: Identifier<Organization>, with password: String
) async throws -> Workspace {
    let user = try await store.signIn(email: "grace@example.com", password: Secret(password))
    let theirs = try await store.workspace(organization: organization, as: .user(user))
    return theirs
}

@Suite struct GuideTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let guides = tests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/MLOpsCore/MLOpsCore.docc")

    /// The text without what indents its lines.
    private static func unindented(_ text: some StringProtocol) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }

    @Test(
        arguments: [
            ("GettingStarted", 3), ("Transactions", 6), ("Queries", 4), ("Tracking", 7),
            ("Tenancy", 1), ("AccessControl", 4), ("Registry", 7), ("SoftDelete", 1),
            ("Testing", 3), ("PromotingModels", 2), ("ChangingDeployments", 2),
            ("Alerts", 3),
        ])
    func everySnippetCompiles(guide: String, count: Int) throws {
        let text = try String(
            contentsOf: Self.guides.appending(path: "\(guide).md"), encoding: .utf8)
        let source = try [
            "GuideExamples", "GuideAlertExamples", "GuideRecordExamples", "GuideRegistryExamples",
            "GuideQueryExamples",
            "GuideTestExample", "ConformanceTests",
        ].map {
            let file = Self.tests.appending(path: "\($0).swift")
            return Self.unindented(try String(contentsOf: file, encoding: .utf8))
        }.joined()
        let snippets = text.components(separatedBy: "```swift\n").dropFirst()
        #expect(snippets.count == count)
        for snippet in snippets {
            let code = try #require(snippet.components(separatedBy: "\n```").first)
            #expect(source.contains(Self.unindented(code)), "\(code)")
        }
    }

    @Test func theSnippetsRun() async throws {
        let store = try await SQLiteStore.inMemory()
        let workspace = try await tenancy(in: store)
        #expect(try await transactions(in: workspace) == 2)
        let weights = FileManager.default.temporaryDirectory
            .appending(path: "weights-\(Identifier<Model>()).bin")
        try Data("weights".utf8).write(to: weights)
        defer { try? FileManager.default.removeItem(at: weights) }
        try await tracking(in: workspace, weights: weights)
        #expect(try await queries(in: workspace).map(\.runName) == ["mlp-64"])
        #expect(try await values(in: workspace) == [])
        #expect(try await texts(in: workspace) == [])
        let other = try await workspace.runs.find(loggingValues(in: workspace))
        #expect(other.metrics.keys.sorted() == ["accuracy", "loss", "train/loss", "valid/loss"])
        try await workspace.runs.delete(other.id)
        try await theRecordSnippetsRun(in: workspace)
        let project = try #require(await workspace.projects.first { $0.name == "Digits" })
        try await workspace.models.insert(Model(project: project.id, name: "classifier"))
        let run = try #require(await workspace.runs.first()).id
        let first = try await registering(run, in: project, of: workspace)
        let second = try await registering(run, in: project, of: workspace)
        #expect(try await workspace.modelVersions.find(first.id).stage == .archived)
        let live = try await deploying(first, then: second, in: project, of: workspace)
        #expect(live?.id == first.id)
        let api = try #require(await workspace.deployments.first())
        #expect(try await monitoring(api, in: workspace).count == 1)
        try await gating(first.modelID, in: workspace)
        try await promoting(first.id, in: workspace)
        #expect(try await workspace.modelVersions.find(first.id).promotion.report?.passed == false)
        try await changing(api.id, to: second.id, in: workspace)
        #expect(try await workspace.deployments.find(api.id).modelVersionID == second.id)
        try await withdrawing(from: api.id, in: workspace)
        try await telling(in: workspace)
        try await raising(about: api.id, in: workspace)
        try await watching(api.id, in: workspace)
        let imported = try await importing(
            first.modelID, of: workspace.principal.userID, at: .now,
            into: workspace.organizationID, of: store)
        #expect(imported.map(\.stage) == [.production])
        #expect(try await deletion(of: project, in: workspace) == 8)
        try await watching(in: workspace)
        #expect(try await oneLine(in: workspace, weights: weights) == Data("weights".utf8))
        let model = try #require(
            try await workspace.models.first { $0.name == "fraud-classifier" })
        let version = try #require(try await workspace.modelVersions.latest(of: model.id))
        #expect(try await naming(version.id, of: workspace) == ["challenger", "champion"])
        #expect(try checking(version).map(\.description) == ["country: is missing (row 1)"])
        #expect(try await making(in: workspace).name == "fraud-classifier")
        try await store.close()
    }

    @Test func theSnippetsOfAccessControlRun() async throws {
        var configuration = SQLiteConfiguration()
        configuration.keys = Fixtures.keys
        let store = try await SQLiteStore.inMemory(configuration: configuration)
        let local = try await store.localWorkspace()
        let key = try await local.issueAPIKey(name: "key", permissions: .everything)
        let workspace = try await opening(store, with: key.token.reveal())
        try await inviting(into: workspace, of: store)
        let user = try #require(await local.users.first { $0.email == "grace@example.com" })
        try await store.setPassword(Secret("correct horse"), for: user.id)
        let project = try await local.projects.insert(Project(name: "Digits"))
        _ = try await giving(user.id, in: project.id, of: local)
        let theirs = try await signingIn(
            to: store, local.organizationID, with: "correct horse")
        #expect(theirs.principal == .user(user.id))
        try await store.close()
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["MLOPS_EXIT_TESTS"] != nil))
    func theFirstSnippetsRun() async throws {
        // They open `mlops.db` where the process stands, so a process of its own stands elsewhere.
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            try #require(
                FileManager.default.changeCurrentDirectoryPath(scratch.directory.path))
            let version = try await gettingStarted()
            let runs = try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(with: Result { try withoutAsync() })
                }
            }
            #expect(runs == 2)
            #expect(version.version == "1.0.0" && version.sourceRunID != nil)
        }
    }
}
