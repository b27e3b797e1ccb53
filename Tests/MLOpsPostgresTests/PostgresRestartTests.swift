import Foundation
import MLOpsTesting
import Synchronization
import Testing

@testable import MLOpsCore
@testable import MLOpsPostgres

/// A server that restarts while programs write.
@Suite(.onServer) struct PostgresRestartTests {
    /// The results that the writers got.
    private final class Answers: Sendable {
        struct Counts {
            var acknowledged: Set<Identifier<Project>> = []
            var unknown: Set<Identifier<Project>> = []
            var refusals = 0
        }
        let counts = Mutex(Counts())

        /// Returns when `number` more writes were acknowledged.
        func waitForMore(_ number: Int) async throws {
            let target = counts.withLock { $0.acknowledged.count } + number
            while counts.withLock({ $0.acknowledged.count }) < target {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    @Test(.timeLimit(.minutes(20)))
    func nothingAcknowledgedIsLostWhenTheServerIsRestarted() async throws {
        let spare = try SpareServer("restarted", port: 5433)
        try await spare.start()
        try await spare.server.run("CREATE DATABASE load")
        try await PostgresRoles().setUp(spare.server.url("load"))
        let store = try await spare.server.store("load")
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        let answers = Answers()
        let writers = (0..<4).map { _ in
            Task {
                while !Task.isCancelled {
                    let project = Project(name: UUID().uuidString)
                    do {
                        try await workspace.projects.insert(project)
                        answers.counts.withLock { _ = $0.acknowledged.insert(project.id) }
                    } catch let error as StoreError where error.code == .commitUnknown {
                        answers.counts.withLock { _ = $0.unknown.insert(project.id) }
                    } catch let error as StoreError
                        where error.code == .connectionLost || error.code == .cannotOpen
                    {
                        answers.counts.withLock { $0.refusals += 1 }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
            }
        }
        var step = 0
        // A fast shutdown, and an immediate one, which needs recovery.
        for signal in [SIGINT, SIGQUIT, SIGINT] {
            try await answers.waitForMore(20)
            let stopping = Task { try await spare.stop(signal) }
            for _ in 0..<500 {
                run.log("loss", Double(step), step: step)
                step += 1
            }
            // Points that could not be written are kept for the next flush.
            try? await run.flush()
            try await stopping.value
            try await spare.start()
        }
        try await answers.waitForMore(20)
        for writer in writers { writer.cancel() }
        for writer in writers { do { try await writer.value } catch is CancellationError {} }
        try await run.flush()
        let stored = Set(try await workspace.projects.all { $0.name != "p" }.map(\.id))
        let told = answers.counts.withLock { $0 }
        #expect(told.refusals > 0 && told.acknowledged.count >= 80)
        #expect(told.acknowledged.subtracting(stored) == [])
        // A cancelled task did not get the result of its last write.
        #expect(stored.subtracting(told.acknowledged.union(told.unknown)).count <= writers.count)
        let steps = try await workspace.read {
            try $0.metrics.history(of: run.id, metric: "loss").map(\.step)
        }
        #expect(steps == Array(0..<Int64(step)))
        try await run.finish()
        try await store.close()
        try await spare.stop(SIGINT)
    }
}
