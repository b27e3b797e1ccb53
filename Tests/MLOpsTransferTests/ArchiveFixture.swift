import Foundation
import MLOpsCore
import MLOpsSampleData
import MLOpsTesting
import MLOpsTransfer
import Testing

/// A directory for archives, and the sample organization's store with rows of every kind.
final class ArchiveFixture: Sendable {
    let directory: URL
    let store: SQLiteStore
    let workspace: Workspace
    let project: Identifier<Project>

    init(isSample: Bool = true) async throws {
        directory = FileManager.default.temporaryDirectory
            .appending(path: "mlops-archives-\(Identifier<Project>())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        store = try await SQLiteStore.inMemory()
        guard isSample else {
            workspace = try await store.localWorkspace()
            let tree = try await Fixtures.insertTree(into: workspace)
            project = tree.project.id
            return
        }
        try await SampleData.insert(into: store)
        workspace = try await Self.owner(of: SampleData.slug, in: store)
        project = try await workspace.projects.withSlug("fraud-detection")?.id ?? .unassigned
        try await Self.addOddRows(to: workspace, project: project, directory: directory)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    static func owner(of slug: String, in store: any Store) async throws -> Workspace {
        let (organization, user) = try await store.withSystemAccess(reason: "test") { access in
            try await access.read { tx in
                let organization = try #require(try tx.organizations.withSlug(slug))
                let members = try tx.scoped(to: organization.id).memberships.members()
                let owner = try #require(members.first { $0.membership.role == .owner })
                return (organization.id, owner.user.id)
            }
        }
        return try await store.workspace(organization: organization, as: .user(user))
    }

    /// What the sample lacks: odd numbers, artifacts, children, deleted rows, aliases, comments.
    private static func addOddRows(
        to workspace: Workspace, project: Identifier<Project>, directory: URL
    ) async throws {
        let file = directory.appending(path: "model.bin")
        try Data("weights".utf8).write(to: file)
        let folder = directory.appending(path: "package")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "sub"), withIntermediateDirectories: true)
        try Data("a".utf8).write(to: folder.appending(path: "sub/a.txt"))
        let name = try await workspace.projects.find(project).name
        let run = try await workspace.startRun(
            project: name, experiment: "odd experiment", name: "odd")
        let odd = [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 0.1]
        for (step, value) in odd.enumerated() {
            run.log("odd \u{1F4A1} metric", value, step: step)
        }
        try run.log(text: "a text", named: "texts", step: 1)
        _ = try await run.logArtifact(file, named: "weights")
        _ = try await run.logArtifact(folder, named: "package")
        try await run.finish()
        let id = run.id
        try await workspace.write { tx in
            let parent = try tx.runs.find(id)
            let child = try tx.runs.insert(
                ExperimentRun(
                    experiment: parent.experimentID, parentRun: id, runName: "child",
                    parameters: ["lr": 1e-3, "deep": [["x": nil]]], logs: "one\ntwo\r\n\u{2028}"))
            try tx.runs.insert(
                ExperimentRun(
                    experiment: parent.experimentID, parentRun: child.id, runName: "logged",
                    kind: .loggedModel))
            let deleted = try tx.runs.insert(
                ExperimentRun(experiment: parent.experimentID, runName: "deleted"))
            try tx.runs.delete(deleted.id)
            // With its points, and what hangs below it.
            let grid = try #require(try tx.runs.first { $0.runName == "grid search" })
            try tx.runs.delete(grid.id)
            let experiment = try tx.experiments.insert(Experiment(project: project, name: "gone"))
            try tx.runs.insert(ExperimentRun(experiment: experiment.id, runName: "gone"))
            try tx.experiments.delete(experiment.id)
            let model = try #require(try tx.models.first { $0.projectID == project })
            let version = try tx.modelVersions.insert(
                ModelVersion(model: model.id, version: "odd", sourceRun: id))
            _ = try tx.models.setAlias("odd", to: version.id, of: model.id)
            let second = try tx.deployments.insert(
                Deployment(project: project, modelVersion: version.id, name: "deleted"))
            try tx.monitoring.insert(
                ModelMonitoring(deployment: second.id, metricName: "odd", value: .nan))
            try tx.driftReports.insert(
                DataDriftReport(
                    deployment: second.id, driftScore: .infinity, driftThreshold: -0.0,
                    periodStart: .now, periodEnd: .now))
            try tx.deployments.delete(second.id)
        }
    }

    // MARK: Archives

    func export(
        _ name: String, of project: Identifier<Project>? = nil, in workspace: Workspace? = nil,
        store: (any Store)? = nil
    ) async throws -> URL {
        let file = directory.appending(path: name)
        _ = try await ProjectExporter(
            of: project ?? self.project, in: workspace ?? self.workspace,
            artifacts: (store ?? self.store).artifacts
        ).run(to: file)
        return file
    }

    /// The users and memberships of the sample organization, in another store.
    func copyPeople(
        to other: any Store, as slug: String = "other"
    ) async throws -> Workspace {
        let members = try await workspace.read { try $0.memberships.members() }
        let users = try await store.withSystemAccess(reason: "test") { access in
            try await access.read { tx in try members.map { try tx.users.find($0.user.id) } }
        }
        return try await other.withSystemAccess(reason: "test") { access in
            try await access.write { tx in
                let organization = try tx.organizations.insert(
                    Organization(name: slug, slug: slug))
                for user in users where try tx.users.findIfExists(user.id) == nil {
                    try tx.users.insert(
                        history: [Historical(user)])
                }
                let scoped = try tx.scoped(
                    to: organization.id, as: .user(members[0].user.id))
                for member in members {
                    try scoped.memberships.insert(
                        OrganizationMembership(
                            user: member.user.id, role: member.membership.role))
                }
            }
            return try await Self.owner(of: slug, in: other)
        }
    }

    /// The files of an archive, as tar unpacks them.
    func unpacked(_ archive: URL) throws -> [String: Data] {
        let folder = directory.appending(path: "unpacked-\(Identifier<Project>())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.tar(["-xf", archive.path, "-C", folder.path])
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try names.reduce(into: [:]) { files, name in
            let file = folder.appending(path: name)
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: file.path, isDirectory: &isDirectory)
            if exists, !isDirectory.boolValue { files[name] = try Data(contentsOf: file) }
        }
    }

    static func tar(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["tar"] + arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
