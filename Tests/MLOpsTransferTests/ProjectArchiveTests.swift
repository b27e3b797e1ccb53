import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

@testable import MLOpsTransfer

/// Archives of projects, from one store into another and back.
@Suite struct ProjectArchiveTests {
    @Test func anEmptyStoreGivesTheSameArchive() async throws {
        let fixture = try await ArchiveFixture()
        let first = try await fixture.export("first.tar")
        let again = try await fixture.export("again.tar")
        #expect(try Data(contentsOf: first) == Data(contentsOf: again))
        let other = try await SQLiteStore.inMemory()
        let workspace = try await fixture.copyPeople(to: other)
        let report = try await ProjectImporter(from: first).run(into: other, as: workspace)
        #expect(report.notes.left.isEmpty && report.notes.changed.isEmpty, "\(report)")
        let all = try await fixture.store.withSystemAccess(reason: "test") {
            try await $0.read { tx in
                let points = try tx.metrics.count(Query(deleted: .included))
                return (points, try tx.monitoring.count(Query(deleted: .included)))
            }
        }
        #expect(report.taken.points > all.0 / 2 && report.taken.measurements > all.1 / 2)
        #expect(report.taken.runs > 5 && report.taken.points > 100 && report.taken.artifacts >= 5)
        #expect(report.taken.deployments > 0 && report.taken.changes > 0)
        #expect(report.taken.measurements > 0 && report.taken.driftReports > 0)
        #expect(report.taken.alerts > 0 && report.present.runs == 0)
        let second = try await fixture.export("second.tar", in: workspace, store: other)
        let (before, after) = (try fixture.unpacked(first), try fixture.unpacked(second))
        for name in before.keys.sorted() { #expect(before[name] == after[name], "\(name)") }
        #expect(try Data(contentsOf: first) == Data(contentsOf: second))

        // A second import changes nothing.
        let repeated = try await ProjectImporter(from: first).run(into: other, as: workspace)
        #expect(repeated.taken == ImportReport.Counts(), "\(repeated)")
        #expect(repeated.present.runs == report.taken.runs)
        #expect(repeated.present.measurements == report.taken.measurements)
        let third = try await fixture.export("third.tgz", in: workspace, store: other)
        #expect(try fixture.unpacked(third) == before)
    }

    @Test func anotherTenantGetsOtherIds() async throws {
        let fixture = try await ArchiveFixture()
        let first = try await fixture.export("first.tgz")
        let workspace = try await fixture.copyPeople(to: fixture.store)
        let report = try await ProjectImporter(from: first).run(
            into: fixture.store, as: workspace)
        #expect(report.notes.left.isEmpty && report.notes.changed.isEmpty, "\(report)")
        let project = try #require(try await workspace.projects.all().first)
        #expect(project.id != fixture.project)
        let second = try await fixture.export("second.tar", of: project.id, in: workspace)
        let (before, after) = (try fixture.unpacked(first), try fixture.unpacked(second))
        let ids = IdentityMap(program: "archive", project: project.id, isMapped: true)
        let archive = try VerifiedArchive(first)
        var originals = [project.id.description: fixture.project.description]
        for id in archive.index.names.union(archive.index.deletions) {
            let id = Identifier<Project>(id)
            let mapped: Identifier<Project> = ids.mapped([id.description])
            originals[mapped.description] = id.description
        }
        for file in ArchiveLayout.RowFile.allCases {
            // Ids give the order of rows, and nothing names measurements.
            func rows(_ data: Data?) -> [String] {
                String(decoding: data ?? Data(), as: UTF8.self).split(separator: "\n").map {
                    var line = String($0)
                    for match in line.matches(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/)
                        .reversed()
                    {
                        if let id = originals[String(match.0)] {
                            line.replaceSubrange(match.range, with: id)
                        }
                    }
                    guard line.hasPrefix("{\"measurement\"") else { return line }
                    return line.replacing(/"id":"[^"]*"/, with: "")
                }.sorted()
            }
            #expect(rows(before[file.rawValue]) == rows(after[file.rawValue]), "\(file)")
        }
        let repeated = try await ProjectImporter(from: first).run(
            into: fixture.store, as: workspace)
        #expect(repeated.taken == ImportReport.Counts(), "\(repeated)")
        // In the same organization under another name, there is a third copy.
        let copy = try await ProjectImporter(from: first, project: "A Copy").run(
            into: fixture.store, as: workspace)
        #expect(copy.taken.runs == report.taken.runs && copy.notes.left.isEmpty, "\(copy)")
        let named = try #require(try await workspace.projects.withSlug("a-copy"))
        #expect(named.name == "A Copy" && named.settings == project.settings)
    }

    @Test func aLaterArchiveAddsWhatIsNew() async throws {
        let fixture = try await ArchiveFixture(isSample: false)
        let first = try await fixture.export("first.tar")
        let other = try await SQLiteStore.inMemory()
        _ = try await ProjectImporter(from: first).run(into: other)
        let name = try await fixture.workspace.projects.find(fixture.project).name
        let run = try await fixture.workspace.startRun(
            project: name, experiment: "later", name: "later")
        run.log("loss", 1, step: 1)
        try await run.finish()
        let old = try #require(try await fixture.workspace.runs.first { $0.runName != "later" })
        try await fixture.workspace.write { tx in
            var batch = MetricBatch()
            batch.add("further", 2, step: 1, at: Date(timeIntervalSince1970: 5))
            try tx.runs.append(batch, to: old.id)
        }
        let second = try await fixture.export("second.tar")
        let dry = try await ProjectImporter(from: second, isDryRun: true).run(into: other)
        let report = try await ProjectImporter(from: second).run(into: other)
        #expect(report.taken.runs == 1 && report.taken.experiments == 1, "\(report)")
        #expect(report.taken.points == 2 && report.taken.models == 0 && dry.taken == report.taken)
        let found = try await other.localWorkspace().runs.find(old.id)
        #expect(found.metrics["further"]?.last == 2)
    }

    @Test func strangersBecomeWhoImports() async throws {
        let fixture = try await ArchiveFixture()
        let first = try await fixture.export("first.tar")
        let other = try await SQLiteStore.inMemory()
        let dry = try await ProjectImporter(from: first, isDryRun: true).run(into: other)
        let isEmpty = try await other.withSystemAccess(reason: "test") {
            try await $0.read { try $0.organizations.count() == 0 && $0.projects.count() == 0 }
        }
        #expect(isEmpty && !FileManager.default.fileExists(atPath: other.artifacts.directory))
        let report = try await ProjectImporter(from: first).run(into: other)
        #expect(report.taken == dry.taken && report.notes.left.isEmpty, "\(report)")
        #expect(report.notes.changed("no member has the id") >= 2)
        let workspace = try await other.localWorkspace()
        let own = workspace.principal.userID
        #expect(try await workspace.runs.all().allSatisfy { $0.createdBy == own })
        // From there it comes back to the same ids.
        let project = try #require(try await workspace.projects.all().first)
        #expect(project.id == fixture.project)
    }

    @Test func rowsOfAnExistingProjectAreJoined() async throws {
        let fixture = try await ArchiveFixture(isSample: false)
        let first = try await fixture.export("first.tar")
        let tree = try await fixture.workspace.read { tx in
            (
                project: try tx.projects.find(fixture.project),
                experiment: try #require(try tx.experiments.first()),
                model: try #require(try tx.models.first())
            )
        }
        let other = try await SQLiteStore.inMemory()
        let workspace = try await other.localWorkspace()
        let (experiment, model) = try await workspace.write { tx in
            let project = try tx.projects.insert(Project(name: tree.project.name))
            return (
                try tx.experiments.insert(
                    Experiment(project: project.id, name: tree.experiment.name)),
                try tx.models.insert(Model(project: project.id, name: tree.model.name))
            )
        }
        let report = try await ProjectImporter(from: first).run(into: other)
        #expect(report.taken.experiments == 0 && report.taken.models == 0, "\(report)")
        #expect(report.taken.runs > 0 && report.notes.left.isEmpty, "\(report)")
        let runs = try await workspace.runs.all()
        #expect(runs.allSatisfy { $0.experimentID == experiment.id })
        let versions = try await workspace.modelVersions.all()
        #expect(!versions.isEmpty && versions.allSatisfy { $0.modelID == model.id })
        let again = try await ProjectImporter(from: first).run(into: other)
        #expect(again.taken == ImportReport.Counts(), "\(again)")
    }

    @Test func onlyWhatAReaderSeesIsExported() async throws {
        let fixture = try await ArchiveFixture(isSample: false)
        let (organization, project) = (fixture.workspace.organizationID, fixture.project)
        let user = try await fixture.store.withSystemAccess(reason: "test") {
            try await $0.write { tx in
                let user = try tx.users.insert(Fixtures.user(7))
                try tx.scoped(to: organization, as: .user(user.id)).memberships.insert(
                    OrganizationMembership(user: user.id, role: .viewer))
                return user
            }
        }
        let viewer = try await fixture.store.workspace(
            organization: organization, as: .user(user.id))
        func show(_ visibility: ProjectVisibility) async throws {
            try await fixture.workspace.write { tx in
                var found = try tx.projects.find(project)
                found.visibility = visibility
                try tx.projects.update(found)
            }
        }
        try await show(.private)
        let error = await #expect(throws: StoreError.self) {
            try await fixture.export("hidden.tar", in: viewer)
        }
        #expect(error?.code == .notFound)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path) == [])
        try await show(.organization)
        let file = try await fixture.export("seen.tar", in: viewer)
        let own = try await fixture.export("own.tar")
        #expect(try Data(contentsOf: file) == Data(contentsOf: own))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let taken = await #expect(throws: StoreError.self) { try await fixture.export("own.tar") }
        #expect(taken?.code == .alreadyExists)
    }
}
