import Dispatch
import Foundation
import MLOpsCore
import Synchronization
import Testing

extension Conformance {
    /// Synchronous use, without `async`.
    static let synchronousUse: [Scenario] = [
        Scenario("Workspace.sync: transactions on the caller's own thread") { context in
            try await onOneThread { try transactions(in: context.workspace) }
        },
        Scenario("Workspace.sync: a body of the same store is no place for it") { context in
            let (workspace, store) = (context.workspace, context.store)
            try await onOneThread { try nested(in: workspace, of: store) }
            // The same inside the body of an asynchronous transaction.
            let codes = try await workspace.write { tx in
                [
                    errorCode { try workspace.sync.read { _ in } },
                    errorCode { try workspace.sync.write { _ in } },
                ]
            }
            #expect(codes == [.nestedTransaction, .nestedTransaction])
            #expect(try await workspace.projects.count() == 0)
        },
        Scenario("Workspace.sync: a busy connection is refused at once, or waited for, as asked") {
            context in
            let workspace = context.workspace
            try await onOneThread { try waits(in: workspace) }
            #expect(try await workspace.projects.count() == 1)
        },
        Scenario("Workspace.sync: many threads and tasks at once lose nothing") { context in
            let workspace = context.workspace
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        if number % 2 == 0 {
                            try await workspace.projects.insert(Fixtures.project(number))
                        } else {
                            try await onOneThread { try insert(number, in: workspace) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await workspace.projects.count() == 24)
        },
        Scenario("Workspace.sync: a thread that writes all the time leaves others their turn") {
            context in
            let workspace = context.workspace
            let mayEnd = Flag()
            async let written = onOneThread { try writeUntil(mayEnd, in: workspace) }
            for number in 1...5 { try await workspace.projects.insert(Fixtures.project(number)) }
            mayEnd.set()
            #expect(try await written > 0)
        },
        Scenario("RunLogger.sync: a run from its start to its end without async") { context in
            let workspace = context.workspace
            let run = try await onOneThread { try logRun(in: workspace) }
            #expect(run.status == .completed)
            #expect(run.metrics["loss"]?.count == 10)
            #expect(run.tags == ["seed": "7"])
        },
        Scenario("Store.sync: opening a workspace, system access, closing") { context in
            let store = context.store
            try await onOneThread { try openAndClose(store, context.workspace) }
            await expectError(.closed) { try await context.workspace.projects.count() }
        },
    ]

    private static func transactions(in workspace: Workspace) throws {
        let thread = Thread.current
        let (project, isHere) = try workspace.sync.write { tx in
            (try tx.projects.insert(Fixtures.project(1)), Thread.current === thread)
        }
        #expect(isHere)
        let (found, isHereToo) = try workspace.sync.read { tx in
            (try tx.projects.find(project.id), Thread.current === thread)
        }
        #expect(found == project)
        #expect(isHereToo)
        #expect(
            errorCode { try workspace.sync.read { try $0.projects.insert(project) } } == .readOnly)
        let failed = errorCode {
            try workspace.sync.write { tx in
                try tx.projects.insert(Fixtures.project(2))
                throw StoreError(.database, "undone")
            }
        }
        #expect(failed == .database)
        #expect(try workspace.sync.read { try $0.projects.count() } == 1)
    }

    private static func nested(in workspace: Workspace, of store: any Store) throws {
        let codes = try workspace.sync.read { _ in
            [
                errorCode { try workspace.sync.read { _ in } },
                errorCode { try workspace.sync.write { _ in } },
                errorCode { try store.sync.close() },
                errorCode { try workspace.sync.startRun(project: "p", experiment: "e") },
            ]
        }
        #expect(codes == Array(repeating: .nestedTransaction, count: 4))
        try workspace.sync.read { _ in }
    }

    private static func waits(in workspace: Workspace) throws {
        // At least as many readers and writers as any store has.
        let (inside, leave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let ended = DispatchGroup()
        let holders = 16
        let outcomes = Mutex<[StoreError.Code?]>([])
        for _ in 0..<holders {
            ended.enter()
            Thread.detachNewThread {
                let outcome = errorCode {
                    try workspace.sync.write(waitingAtMost: .zero) { _ in
                        inside.signal()
                        leave.wait()
                    }
                }
                // A caller that got no connection holds none.
                if outcome != nil { inside.signal() }
                outcomes.withLock { $0.append(outcome) }
                ended.leave()
            }
        }
        for _ in 0..<holders { inside.wait() }
        let start = ContinuousClock.now
        #expect(errorCode { try workspace.sync.write(waitingAtMost: .zero) { _ in } } == .busy)
        #expect(
            errorCode { try workspace.sync.write(waitingAtMost: .milliseconds(50)) { _ in } }
                == .busy)
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.05)
            for _ in 0..<holders { leave.signal() }
        }
        try insert(1, in: workspace)
        ended.wait()
        let codes = outcomes.withLock { $0 }
        #expect(codes.contains(nil))
        #expect(codes.allSatisfy { $0 == nil || $0 == .busy })
    }

    private static func insert(_ number: Int, in workspace: Workspace) throws {
        try workspace.sync.write { _ = try $0.projects.insert(Fixtures.project(number)) }
    }

    /// Writes until `mayEnd` is set, for five minutes at most; returns the number of writes.
    private static func writeUntil(_ mayEnd: Flag, in workspace: Workspace) throws -> Int {
        let limit = ContinuousClock.now + .seconds(300)
        var count = 0
        while !mayEnd.isSet {
            guard ContinuousClock.now < limit else {
                throw StoreError(.busy, "The others have not had their turn.")
            }
            try workspace.sync.write { _ = try $0.projects.insert(Fixtures.project(1000 + count)) }
            count += 1
        }
        return count
    }

    private static func logRun(in workspace: Workspace) throws -> ExperimentRun {
        let run = try workspace.sync.startRun(project: "digits", experiment: "threads")
        for step in 1...9 { run.log("loss", 1 / Double(step), step: step) }
        try run.sync.flush()
        try run.sync.setTags(["seed": "7"])
        run.log("loss", 0.1, step: 10)
        return try run.sync.finish()
    }

    private static func openAndClose(_ store: any Store, _ workspace: Workspace) throws {
        let again = try store.sync.localWorkspace()
        #expect(again.organizationID == workspace.organizationID)
        let opened = try store.sync.workspace(
            organization: workspace.organizationID, as: workspace.principal)
        #expect(try opened.sync.read { try $0.projects.count() } == 0)
        let name = try store.sync.withSystemAccess(reason: "test") { access in
            try access.sync.write { _ = try $0.users.insert(Fixtures.user(3)) }
            return try access.sync.read { try $0.users.find(Fixtures.user(3).id).email }
        }
        #expect(name == Fixtures.user(3).email)
        try store.sync.close()
        #expect(errorCode { try workspace.sync.read { _ in } } == .closed)
        try store.sync.close()
    }
}

/// Runs a body on a thread outside of any task, as a program without `async` does.
private func onOneThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
