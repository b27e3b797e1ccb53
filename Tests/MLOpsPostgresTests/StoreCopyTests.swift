import Foundation
import MLOpsSampleData
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// Copies from SQLite to PostgreSQL and back.
@Suite(.onServer) struct StoreCopyTests {
    /// A SQLite store with sample data, deleted rows, and parents younger than their children.
    private func seeded() async throws -> SQLiteStore {
        let store = try await SQLiteStore.inMemory()
        _ = try await SampleData.insert(into: store)
        let workspace = try await store.localWorkspace()
        let tree = try await Fixtures.insertTree(into: workspace)
        let parent = try await workspace.runs.insert(
            ExperimentRun(experiment: tree.experiment.id, runName: "younger parent"))
        try await workspace.write { tx in
            var run = try tx.runs.find(tree.run.id)
            run.parentRunID = parent.id
            try tx.runs.update(run)
            try tx.experiments.insert(Fixtures.experiment(7, in: tree.project.id))
            try tx.experiments.delete(Fixtures.id(Experiment.self, 7))
            let values = [Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 1e300]
            try tx.metrics.insert(
                contentsOf: values.enumerated().map { step, value in
                    RunMetric(run: parent.id, metricName: "odd", value: value, step: Int64(step))
                })
        }
        return store
    }

    /// A mistaken target gets nothing of the source.
    @Test func aStoreWithOtherRowsIsLeftAlone() async throws {
        let source = try await seeded()
        let target = try await SQLiteStore.inMemory()
        let workspace = try await target.localWorkspace()
        try await workspace.projects.insert(Fixtures.project(1))
        func counts() async throws -> [Int] {
            try await target.withSystemAccess(reason: "count") { access in
                try await access.read { tx in
                    [try tx.users.count(), try tx.organizations.count(), try tx.projects.count()]
                }
            }
        }
        let before = try await counts()
        let error = await #expect(throws: StoreError.self) {
            try await StoreCopy(from: source, to: target).run()
        }
        #expect(error?.code == .conflict)
        #expect(try await counts() == before)
    }

    @Test func everyRowGoesToPostgreSQLAndBack() async throws {
        let server = try #require(TestServer.shared)
        let source = try await seeded()
        try await server.withDatabase { database in
            let target = try await server.store(database)
            let tables = Mutex<Set<String>>([])
            let there = try await StoreCopy(from: source, to: target, batch: 500).run { progress in
                _ = tables.withLock { $0.insert(progress.table) }
            }
            #expect(there.count == Schema.tables.count)
            #expect(tables.withLock { $0.count } == Schema.tables.count)
            for table in there { #expect(table.rows > 0, "\(table.table)") }
            let again = try await StoreCopy(from: source, to: target).run()
            #expect(again == there, "a second copy finds nothing to do")

            let home = try await SQLiteStore.inMemory()
            #expect(try await StoreCopy(from: target, to: home, batch: 333).run() == there)
            let report = try await home.withSystemAccess(reason: "audit") { access in
                try await access.read { tx in
                    let organization = try tx.organizations.withSlug("acme-ml")
                    return try organization.map {
                        try tx.scoped(to: $0.id, as: .user(Identifier())).auditLogs.verifyChain()
                    }
                }
            }
            #expect(report?.isIntact == true && (report?.count ?? 0) > 0)
            try await home.close()
            try await target.close()
        }
        try await source.close()
    }

    @Test func aCopyKeepsAliasesAndNumbers() async throws {
        let server = try #require(TestServer.shared)
        let source = try await SQLiteStore.inMemory()
        let workspace = try await source.localWorkspace()
        let tree = try await Fixtures.insertTree(into: workspace)
        let gone = try await workspace.modelVersions.insert(
            Fixtures.modelVersion(2, of: tree.model.id))
        try await workspace.modelVersions.delete(gone.id)
        try await workspace.modelVersions.purge(gone.id)
        let named = try await workspace.models.setAlias(
            "champion", to: tree.version.id, of: tree.model.id)
        #expect(named.purgedNumber == 2 && named.aliases["champion"] == tree.version.id)
        try await server.withDatabase { database in
            let target = try await server.store(database)
            let home = try await SQLiteStore.inMemory()
            _ = try await StoreCopy(from: source, to: target).run()
            _ = try await StoreCopy(from: target, to: home).run()
            let stores: [any Store] = [target, home]
            for store in stores {
                let copied = try await store.localWorkspace()
                #expect(try await copied.models.find(tree.model.id) == named)
                let champion = try await copied.models.aliases(of: tree.model.id)["champion"]
                #expect(champion?.id == tree.version.id)
                let next = try await copied.modelVersions.insert(
                    Fixtures.modelVersion(3, of: tree.model.id))
                #expect(next.number == 3)
            }
            try await home.close()
            try await target.close()
        }
        try await source.close()
    }

    @Test func anInterruptedCopyGoesOn() async throws {
        let server = try #require(TestServer.shared)
        let source = try await seeded()
        try await server.withDatabase { database in
            let target = try await server.store(database)
            let copy = StoreCopy(from: source, to: target, batch: 100)
            let interrupted = Task {
                try await copy.run { progress in
                    guard progress.table == "run_metrics", progress.done >= 300 else { return }
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: (any Error).self) { _ = try await interrupted.value }
            let part = try await target.withSystemAccess(reason: "a look") {
                try await $0.read { try $0.metrics.count(Query(deleted: .included)) }
            }
            #expect(part >= 300)
            let first = Mutex<Int?>(nil)
            let digests = try await copy.run { progress in
                guard progress.table == "run_metrics" else { return }
                first.withLock { $0 = $0 ?? progress.done }
            }
            #expect(first.withLock { $0 } == part, "it went on where it had ended")
            #expect(digests.first { $0.table == "run_metrics" }?.rows ?? 0 > part)
            try await target.close()
        }
        try await source.close()
    }

    /// A batch also ends at a size, however few rows it has.
    @Test func longRowsGoInSmallBatches() async throws {
        let server = try #require(TestServer.shared)
        let source = try await SQLiteStore.inMemory()
        let workspace = try await source.localWorkspace()
        let text = String(repeating: "digits ", count: 10_000)
        for number in 0..<40 {
            try await workspace.projects.insert(
                Project(name: "p\(number)", settings: ["notes": .string(text)]))
        }
        try await server.withDatabase { database in
            let target = try await server.store(database)
            let home = try await SQLiteStore.inMemory()
            for (from, to) in [(source as any Store, target as any Store), (target, home)] {
                let steps = Mutex<[Int]>([])
                let copy = StoreCopy(from: from, to: to, batchSize: 300_000)
                _ = try await copy.run { progress in
                    guard progress.table == "projects" else { return }
                    steps.withLock { $0.append(progress.done) }
                }
                #expect(steps.withLock { $0 } == Array(stride(from: 0, through: 40, by: 5)))
            }
            try await home.close()
            try await target.close()
        }
        try await source.close()
    }

    @Test func anotherStoresRowsAreNoticed() async throws {
        let source = try await seeded()
        let target = try await SQLiteStore.inMemory()
        _ = try await target.localWorkspace()
        await #expect(throws: StoreError.self) {
            _ = try await StoreCopy(from: source, to: target).run()
        }
        try await source.close()
        try await target.close()
    }
}
