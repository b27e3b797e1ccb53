import MLOpsCore
import Testing

extension Conformance {
    /// Transactions: atomic, isolated, and unusable after their end.
    static let transactions: [Scenario] = [
        Scenario("Workspace.write: an error of the body rolls back and passes through") { context in
            struct Failure: Error, Equatable { let number: Int }
            do {
                try await context.write { tx in
                    try tx.projects.insert(Fixtures.project(1))
                    throw Failure(number: 7)
                }
                Issue.record("nothing was thrown")
            } catch let error as Failure {
                #expect(error == Failure(number: 7))
            }
            #expect(try await context.workspace.projects.count() == 0)
        },
        Scenario("Workspace.write sees its own rows, others see them after it") { context in
            let seen = try await context.write { tx in
                let stored = try tx.projects.insert(Fixtures.project(1))
                return (try tx.projects.find(stored.id) == stored, try tx.projects.count())
            }
            #expect(seen == (true, 1))
            #expect(try await context.workspace.projects.count() == 1)
        },
        Scenario("Transaction.savepoint undoes its own part only, however deep") { context in
            struct Failure: Error {}
            try await context.write { tx in
                try tx.projects.insert(Fixtures.project(1))
                try tx.savepoint {
                    try tx.projects.insert(Fixtures.project(2))
                    do {
                        try tx.savepoint {
                            try tx.projects.insert(Fixtures.project(3))
                            try tx.savepoint { _ = try tx.projects.insert(Fixtures.project(4)) }
                            throw Failure()
                        }
                    } catch is Failure {}
                    try tx.savepoint { _ = try tx.projects.insert(Fixtures.project(5)) }
                }
                try? tx.savepoint {
                    _ = try tx.projects.insert(Fixtures.project(6))
                    _ = try tx.projects.insert(Fixtures.project(6))
                }
            }
            let names = try await context.workspace.projects.all().map(\.name)
            #expect(names == ["Project 1", "Project 2", "Project 5"])
        },
        Scenario("A refused statement takes the transaction back, whoever catches its error") {
            context in
            let tree = try await context.tree()
            let error = await expectError(.alreadyExists) {
                try await context.write { tx in
                    try tx.projects.insert(Fixtures.project(2))
                    _ = try? tx.projects.insert(Fixtures.project(3, slug: tree.project.slug))
                    return 7
                }
            }
            #expect(error?.entity == "project")
            await expectError(.alreadyExists, "and nothing more is done") {
                try await context.write { tx in
                    _ = try? tx.projects.insert(Fixtures.project(3, slug: tree.project.slug))
                    return try tx.projects.count()
                }
            }
            #expect(try await context.workspace.projects.all() == [tree.project])
            let count = try await context.write { tx in
                _ = try? tx.savepoint {
                    try tx.projects.insert(Fixtures.project(3, slug: tree.project.slug))
                }
                _ = try? tx.models.find(Identifier())
                try tx.projects.insert(Fixtures.project(4))
                return try tx.projects.count()
            }
            #expect(count == 2, "inside a savepoint, or before the database, it is caught")
        },
        Scenario("Store.submit does its work in order and reports each") { context in
            struct Failure: Error {}
            let store = context.backend
            let access = context.workspace.access
            let (reports, report) = AsyncStream<(number: Int, error: (any Error)?)>.makeStream()
            for number in 1...20 {
                store.submit(as: access) { tx in
                    try tx.projects.insert(Fixtures.project(number))
                    if number == 7 { throw Failure() }
                } completion: { result in
                    do { try result.get(); report.yield((number, nil)) } catch {
                        report.yield((number, error))
                    }
                }
            }
            var done: [Int] = []
            for await (number, error) in reports {
                #expect((error is Failure) == (number == 7))
                done.append(number)
                if done.count == 20 { break }
            }
            #expect(done == Array(1...20))
            let names = try await context.workspace.projects.all(order: { [$0.id.ascending] })
                .map(\.name)
            #expect(names == done.filter { $0 != 7 }.map { "Project \($0)" })
            try await store.close()
            let late = await withCheckedContinuation { continuation in
                store.submit(as: access) { _ in
                } completion: {
                    continuation.resume(returning: $0)
                }
            }
            await expectError(.closed) { try late.get() }
        },
        Scenario("Workspace.read refuses to write") { context in
            let tree = try await context.tree()
            let calls: [(String, @Sendable (any Transaction) throws -> Void)] = [
                ("insert", { _ = try $0.projects.insert(Fixtures.project(2)) }),
                ("insert many", { _ = try $0.metrics.insert(contentsOf: [tree.metric]) }),
                ("update", { _ = try $0.models.update(tree.model) }),
                ("delete", { _ = try $0.models.delete(tree.model.id) }),
                ("restore", { _ = try $0.models.restore(tree.model.id) }),
                ("purge", { _ = try $0.models.purge(tree.model.id) }),
                ("promote", { _ = try $0.modelVersions.promote(tree.version.id, to: .staging) }),
                ("terminate", { _ = try $0.deployments.terminate(tree.deployment.id) }),
                (
                    "begin",
                    { _ = try $0.deployments.begin(.terminate, of: tree.deployment.id) }
                ),
                ("raise", { _ = try $0.alerts.raise(tree.alert) }),
                ("resolve", { _ = try $0.alerts.resolve(tree.alert.id) }),
                ("revoke", { _ = try $0.apiKeys.revoke(tree.apiKey.id) }),
                ("append", { try $0.runs.append(MetricBatch(), to: tree.run.id) }),
                ("audit", { _ = try $0.auditLogs.insert(Fixtures.auditLog(2)) }),
            ]
            for (name, call) in calls {
                await expectError(.readOnly, name) { try await context.read(call) }
            }
            #expect(try await context.workspace.models.find(tree.model.id) == tree.model)
        },
        Scenario("A repository that is kept beyond its transaction throws closed") { context in
            let kept = Kept()
            try await context.write { kept.hold($0) }
            await expectError(.closed) { try kept.read() }
            await expectError(.closed) { try kept.write() }
            await expectError(.closed) { try kept.savepoint() }
            #expect(try await context.workspace.projects.count() == 0)
        },
        Scenario("Store.close: every later call throws closed, and closing again is allowed") {
            context in
            let tree = try await context.tree()
            try await context.store.close()
            await expectError(.closed) { try await context.workspace.projects.count() }
            await expectError(.closed) {
                try await context.workspace.projects.insert(Fixtures.project(2))
            }
            await expectError(.closed) { try await context.store.localWorkspace() }
            await expectError(.closed) {
                try await context.write { try $0.models.find(tree.model.id) }
            }
            try await context.store.close()
        },
        Scenario("A cancelled task's write keeps nothing, and the store goes on") { context in
            let (started, signal) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await context.write { tx in
                    try tx.projects.insert(Fixtures.project(1))
                    signal.finish()
                    // Only the cancellation ends the loop: every statement checks for it.
                    while true { _ = try tx.projects.count() }
                }
            }
            for await _ in started {}
            task.cancel()
            await expectCancellation { try await task.value }
            #expect(try await context.workspace.projects.count() == 0)
            try await context.workspace.projects.insert(Fixtures.project(2))
        },
        Scenario("A task that is cancelled before it writes, writes nothing") { context in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await context.workspace.projects.insert(Fixtures.project(1))
            }
            task.cancel()
            await expectCancellation { try await task.value }
            let count = try await context.workspace.projects.count()
            #expect(count == 0)
        },
        Scenario("64 tasks that change one row with a retry on conflict lose no update") {
            context in
            let project = try await context.workspace.projects.insert(
                Fixtures.project(1, settings: ["counter": 0]))
            try await withThrowingTaskGroup { group in
                for _ in 0..<64 {
                    group.addTask { try await increment(project.id, context.workspace) }
                }
                try await group.waitForAll()
            }
            let stored = try await context.workspace.projects.find(project.id)
            #expect(stored.settings["counter"] == 64)
            #expect(stored.revision == 65)
        },
        Scenario("64 tasks that read and change in one transaction never meet a conflict") {
            context in
            let project = try await context.workspace.projects.insert(
                Fixtures.project(1, settings: ["counter": 0]))
            try await withThrowingTaskGroup { group in
                for _ in 0..<64 {
                    group.addTask {
                        try await context.write { tx in
                            var copy = try tx.projects.find(project.id)
                            copy.settings = .object([
                                "counter": .int((copy.settings["counter"]?.int ?? 0) + 1)
                            ])
                            try tx.projects.update(copy)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let stored = try await context.workspace.projects.find(project.id)
            #expect(stored.settings["counter"] == 64)
        },
        Scenario("Every row of a transaction carries one time") { context in
            let times = try await context.write { tx in
                let project = try tx.projects.insert(Fixtures.project(1))
                let model = try tx.models.insert(Fixtures.model(1, in: project.id))
                return [
                    try tx.projects.update(project).updatedAt,
                    try tx.models.update(model).updatedAt,
                ]
            }
            #expect(Set(times).count == 1)
        },
    ]

    private static func increment(
        _ id: Identifier<Project>, _ workspace: Workspace
    ) async throws {
        while true {
            var copy = try await workspace.projects.find(id)
            copy.settings = .object(["counter": .int((copy.settings["counter"]?.int ?? 0) + 1)])
            do {
                try await workspace.projects.update(copy)
                return
            } catch let error as StoreError where error.code == .conflict {
                continue
            }
        }
    }
}

/// A transaction kept after its end, against the rules.
///
/// `@unchecked Sendable`: the transaction is used by one task, after its body has returned.
private final class Kept: @unchecked Sendable {
    private var transaction: (any Transaction)?

    func hold(_ transaction: any Transaction) { self.transaction = transaction }
    func read() throws { _ = try transaction?.projects.count() }
    func write() throws { _ = try transaction?.projects.insert(Fixtures.project(1)) }
    func savepoint() throws { try transaction?.savepoint {} }
}
