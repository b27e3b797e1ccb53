import Foundation
import MLOpsSampleData
import MLOpsTesting
import MLOpsTransfer
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Archives of projects, from SQLite to PostgreSQL and back.
@Suite(.onServer) struct ProjectArchiveTests {
    @Test func aProjectGoesToPostgreSQLAndBack() async throws {
        let server = try #require(TestServer.shared)
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "mlops-archives-\(Identifier<Project>())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = try await SQLiteStore.inMemory()
        try await SampleData.insert(into: source)
        let origin = try await workspace(of: SampleData.slug, in: source)
        let project = try #require(try await origin.projects.withSlug("fraud-detection"))
        let run = try #require(try await origin.runs.first())
        try await origin.write { tx in
            let odd = [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 1e300]
            try tx.metrics.insert(
                contentsOf: odd.enumerated().map { step, value in
                    RunMetric(run: run.id, metricName: "odd", value: value, step: Int64(step))
                })
            try tx.runs.delete(run.id)
        }
        let first = folder.appending(path: "first.tar")
        let exported = try await ProjectExporter(
            of: project.id, in: origin, artifacts: source.artifacts
        ).run(to: first)
        #expect(exported.counts.points > 100 && exported.notes.left.isEmpty, "\(exported)")
        try await server.withDatabase { database in
            let target = try await server.store(database)
            let there = try await people(of: origin, source, to: target)
            let report = try await ProjectImporter(from: first).run(into: target, as: there)
            #expect(report.notes.left.isEmpty, "\(report)")
            let second = folder.appending(path: "second.tar")
            _ = try await ProjectExporter(
                of: project.id, in: there, artifacts: target.artifacts
            ).run(to: second)
            #expect(try Data(contentsOf: first) == Data(contentsOf: second))
            let again = try await ProjectImporter(from: first).run(into: target, as: there)
            #expect(again.taken.runs == 0 && again.taken.points == 0, "\(again)")
            #expect(again.taken.alerts == 0 && again.taken.measurements == 0, "\(again)")
            let back = try await SQLiteStore.inMemory()
            let here = try await people(of: origin, source, to: back)
            _ = try await ProjectImporter(from: second).run(into: back, as: here)
            let third = folder.appending(path: "third.tar")
            _ = try await ProjectExporter(
                of: project.id, in: here, artifacts: back.artifacts
            ).run(to: third)
            #expect(try Data(contentsOf: first) == Data(contentsOf: third))
            try await target.close()
        }
    }

    private func workspace(of slug: String, in store: any Store) async throws -> Workspace {
        let (organization, user) = try await store.withSystemAccess(reason: "test") { access in
            try await access.read { tx in
                let organization = try #require(try tx.organizations.withSlug(slug))
                let members = try tx.scoped(to: organization.id).memberships.members()
                return (organization.id, try #require(members.first).user.id)
            }
        }
        return try await store.workspace(organization: organization, as: .user(user))
    }

    /// The same users in an organization of another store.
    private func people(
        of origin: Workspace, _ source: SQLiteStore, to target: any Store
    ) async throws -> Workspace {
        let users = try await origin.read { try $0.memberships.members() }.map(\.user)
        try await target.withSystemAccess(reason: "test") { access in
            try await access.write { tx in
                let organization = try tx.organizations.insert(
                    Organization(name: "other", slug: "other"))
                try tx.users.insert(history: users.map { Historical($0) })
                let scoped = try tx.scoped(to: organization.id, as: .user(users[0].id))
                for user in users {
                    try scoped.memberships.insert(
                        OrganizationMembership(user: user.id, role: .owner))
                }
            }
        }
        return try await workspace(of: "other", in: target)
    }
}
