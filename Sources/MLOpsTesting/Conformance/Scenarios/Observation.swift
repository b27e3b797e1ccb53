import MLOpsCore
import Synchronization
import Testing

extension Conformance {
    /// The observation of changes.
    static let observation: [Scenario] = [
        Scenario("Workspace.observe: one value at once, and one a relevant commit") {
            context in
            let other = try await context.otherWorkspace()
            let (reads, workspace) = (Counter(), context.workspace)
            let observation = workspace.observe { tx in
                reads.add()
                return try tx.projects.all().map(\.name)
            }
            var values = observation.makeAsyncIterator()
            #expect(try await values.next() == [])
            // The observation ignores these: another organization, another table, a rolled back
            // change.
            try await other.projects.insert(Fixtures.project(2))
            try await context.system { _ = try $0.users.insert(Fixtures.user(3)) }
            _ = try? await context.write { tx in
                try tx.projects.insert(Fixtures.project(4))
                throw StoreError(.database, "undone")
            }
            try await context.write { tx in
                _ = try? tx.savepoint {
                    try tx.projects.insert(Fixtures.project(5))
                    throw StoreError(.database, "undone")
                }
            }
            _ = try await workspace.projects.count()
            try await workspace.projects.insert(Fixtures.project(6))
            #expect(try await values.next() == ["Project 6"])
            try await workspace.sync(Fixtures.project(7))
            #expect(try await values.next() == ["Project 6", "Project 7"])
            #expect(reads.count == 3, "\(reads.count) reads for 3 values")
        },
        Scenario("Workspace.observe: commits are folded while the consumer is busy") { context in
            let workspace = context.workspace
            var values = workspace.observe { try $0.projects.count() }.makeAsyncIterator()
            #expect(try await values.next() == 0)
            for number in 1...20 { try await workspace.projects.insert(Fixtures.project(number)) }
            var (last, received) = (0, 0)
            while last < 20 {
                last = try #require(try await values.next())
                received += 1
            }
            #expect(received < 20, "\(received) values for 20 commits")
        },
        Scenario("Workspace.observe: points of a logger, ends of runs and deletions count") {
            context in
            let tree = try await context.tree()
            let workspace = context.workspace
            let run = try await workspace.startRun(project: "watched", experiment: "live")
            var last = workspace.observe { [id = run.id] in
                try $0.metrics.last(of: id, metric: "loss")?.value
            }.makeAsyncIterator()
            #expect(try await last.next() == .some(nil))
            run.log("loss", 0.5, step: 1)
            try await run.flush()
            #expect(try await last.next(until: { $0 == 0.5 }) == 0.5)
            var status = workspace.observe { [id = run.id] in try $0.runs.find(id).status }
                .makeAsyncIterator()
            #expect(try await status.next() == .running)
            try await run.finish()
            #expect(try await status.next(until: { $0 == .completed }) == .completed)
            var models = workspace.observe { try $0.models.count() }.makeAsyncIterator()
            #expect(try await models.next() == 1)
            try await workspace.projects.delete(tree.project.id)
            #expect(try await models.next(until: { $0 == 0 }) == 0)
        },
        Scenario("Workspace.observe: the rights are read anew, and their end ends it") { context in
            let user = try await context.insertMember(50)
            let member = try await context.store.workspace(
                organization: context.workspace.organizationID, as: .user(user.id))
            var values = member.observe { try $0.projects.count() }.makeAsyncIterator()
            #expect(try await values.next() == 0)
            let membership = try #require(
                try await context.workspace.memberships.first(where: { $0.userID == user.id }))
            try await context.workspace.memberships.delete(membership.id)
            await expectError(.permissionDenied) {
                while try await values.next() != nil {}
            }
            #expect(try await values.next() == nil, "it is over")
        },
        Scenario("Workspace.observe: an error of the read ends it") { context in
            let project = try await context.workspace.projects.insert(Fixtures.project(1))
            var values = context.workspace.observe { try $0.projects.find(project.id).name }
                .makeAsyncIterator()
            #expect(try await values.next() == project.name)
            try await context.workspace.projects.delete(project.id)
            await expectError(.notFound) { while try await values.next() != nil {} }
            #expect(try await values.next() == nil)
        },
        Scenario("Workspace.observe: a cancelled task and a closed store end it") { context in
            let workspace = context.workspace
            let observation = workspace.observe { try $0.projects.count() }
            let (started, count) = AsyncStream<Int?>.makeStream()
            let tasks = (0..<2).map { _ in
                Task {
                    for try await value in observation { count.yield(value) }
                    count.yield(nil)
                }
            }
            var seen = started.makeAsyncIterator()
            for _ in 0..<2 { #expect(await seen.next() == .some(0)) }
            tasks[0].cancel()
            try await tasks[0].value
            try await context.store.close()
            try await tasks[1].value
            var late = observation.makeAsyncIterator()
            #expect(try await late.next() == nil)
        },
        Scenario("SystemAccess.observe: what is read through scoped(to:as:) counts too") {
            context in
            let workspace = context.workspace
            let observation = try await context.store.withSystemAccess(reason: "test") { access in
                access.observe { [id = workspace.organizationID, by = workspace.principal] tx in
                    try tx.scoped(to: id, as: by).projects.count()
                }
            }
            var values = observation.makeAsyncIterator()
            #expect(try await values.next() == 0)
            try await workspace.projects.insert(Fixtures.project(1))
            #expect(try await values.next(until: { $0 == 1 }) == 1)
        },
        Scenario("Workspace.observe: observing again at once begins anew") { context in
            let workspace = context.workspace
            for number in 1...3 {
                var values = workspace.observe { try $0.projects.count() }.makeAsyncIterator()
                #expect(try await values.next() == number - 1)
                try await workspace.projects.insert(Fixtures.project(number))
                #expect(try await values.next(until: { $0 == number }) == number)
            }
        },
        Scenario("SystemAccess.observe sees every organization") { context in
            let other = try await context.otherWorkspace()
            let (observation, base) = try await context.store.withSystemAccess(reason: "test") {
                access in
                let count: @Sendable (any Transaction) throws -> Int = {
                    try $0.projects.count()
                }
                return (access.observe(count), try await access.read(count))
            }
            var values = observation.makeAsyncIterator()
            #expect(try await values.next() == base)
            try await context.workspace.projects.insert(Fixtures.project(1))
            #expect(try await values.next(until: { $0 == base + 1 }) == base + 1)
            try await other.projects.insert(Fixtures.project(2))
            #expect(try await values.next(until: { $0 == base + 2 }) == base + 2)
        },
    ]
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

extension Workspace {
    /// Inserts on the caller's thread.
    fileprivate func sync(_ project: Project) async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            insert(project, done)
        }
    }

    private func insert(_ project: Project, _ done: CheckedContinuation<Void, any Error>) {
        done.resume(with: Result { try sync.write { _ = try $0.projects.insert(project) } })
    }
}
