import Foundation
import InMemoryLogging
import Logging
import Testing

@testable import MLOpsCore

/// The ends of runs in a store; `RunStateMachineTests` tests their order.
@Suite struct RunEndTests {
    private func run(
        _ change: (inout TrackingOptions) -> Void = { _ in },
        configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> RunLogger {
        let workspace = try await SQLiteStore.inMemory(configuration: configuration)
            .localWorkspace()
        var options = TrackingOptions()
        // Only the test writes.
        options.flushInterval = .seconds(3600)
        options.heartbeatInterval = .seconds(3600)
        change(&options)
        return try await workspace.startRun(project: "p", experiment: "e", options: options)
    }

    @Test(arguments: [0, 10_000]) func ofTwoEndsAtOnceOneCounts(points: Int) async throws {
        let run = try await run()
        for step in 0..<points { run.log("m", 1, step: step) }
        async let finished = code { try await run.finish() }
        async let cancelled = code { try await run.cancel() }
        let codes = await [finished, cancelled]
        let stored = try await run.workspace.runs.find(run.id)
        #expect(codes == (stored.status == .completed ? [nil, .conflict] : [.conflict, nil]))
        #expect(stored.metrics["m"]?.count ?? 0 == points)
    }

    @Test func anEndTakesThePointsBehindTheBatchUnderWay() async throws {
        let run = try await run { $0.bufferCapacity = 1 << 12 }
        // The store is blocked, so that the first batch waits while more points are logged.
        let isHeld = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let holder = Task {
            try await run.workspace.write { _ in
                isHeld.signal()
                mayEnd.wait()
            }
        }
        await offTheTestThread { isHeld.wait() }
        for step in 0..<3000 { run.log("m", 1, step: step) }
        async let ended = run.finish()
        mayEnd.signal()
        try await holder.value
        #expect(try await ended.metrics["m"]?.count == 3000)
        #expect(try await run.workspace.metrics.count() == 3000)
    }

    @Test func aLoggerThatHasEndedLeavesAResumedRunAlone() async throws {
        let run = try await run()
        try await run.finish()
        let resumed = try await run.workspace.resumeRun(run.id)
        #expect(await code { try await run.cancel() } == .conflict)
        #expect(try await run.workspace.runs.find(run.id).status == .running)
        resumed.log("m", 1, step: 0)
        #expect(try await resumed.finish().metrics["m"]?.count == 1)
    }

    /// An earlier refusal without waiters also keeps the run from ending as completed.
    @Test func anEndIsToldOfAnEarlierRefusal() async throws {
        let run = try await run { $0.bufferCapacity = 16 }
        try await run.workspace.runs.delete(run.id)
        for step in 0..<8 { run.log("m", 1, step: step) }
        while run.refusedPoints < 8 { try await Task.sleep(for: .milliseconds(1)) }
        try await run.workspace.runs.restore(run.id)
        run.log("m", 1, step: 8)
        #expect(await code { try await run.finish() } == .notFound)
        #expect(try await run.workspace.runs.find(run.id).status == .running)
        let ended = try await run.finish()
        #expect(ended.status == .completed && ended.metrics["m"]?.count == 1)
    }

    @Test func trackingReportsToTheLoggerOfItsStore() async throws {
        let log = InMemoryLogHandler.warnings
        var configuration = SQLiteConfiguration()
        configuration.slowStatementThreshold = nil
        configuration.logger = Logger(label: "test") { _ in log }
        let run = try await run(configuration: configuration)
        try await run.finish()
        for step in 0..<3 { run.log("m", 1, step: step) }
        #expect(log.lines.count == 1)
        let line = try #require(log.lines.first)
        #expect(line.contains("after the end of the run") && line.contains(run.id.description))
    }
}
