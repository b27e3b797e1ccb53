import Foundation
import MLOpsCore
import Synchronization
import Testing

/// Points that can never be stored do not block those that can.
@Suite struct RefusedPointsTests {
    private func run(
        capacity: Int = 1 << 16, clock: @escaping @Sendable () -> Date = { .now }
    ) async throws -> RunLogger {
        var configuration = SQLiteConfiguration()
        configuration.clock = clock
        let workspace = try await SQLiteStore.inMemory(configuration: configuration)
            .localWorkspace()
        var options = TrackingOptions()
        options.bufferCapacity = capacity
        // Only the test writes.
        options.flushInterval = .seconds(3600)
        options.heartbeatInterval = .seconds(3600)
        return try await workspace.startRun(project: "p", experiment: "e", options: options)
    }

    private static let names = [
        "empty": "", "NUL": "\0", "with NUL": "a\0b",
        "long": String(repeating: "x", count: String.maximumNameBytes + 1),
        // In the normal form, each of its 200 characters takes 12 bytes instead of 4.
        "long as a name": String(repeating: "\u{1D160}", count: 200),
        "very long": String(repeating: "x", count: 1 << 20 + 1),
    ]

    @Test(arguments: names.keys)
    func aNameThatCannotBeStoredIsRefusedAtOnce(kind: String) async throws {
        let name = try #require(Self.names[kind])
        let run = try await run(capacity: 64)
        for step in 0..<1000 {
            run.log(name, 1, step: step)
            run.log("m", 1, step: step)
            run.log([name: 1, "n": 1], step: step)
        }
        #expect(run.refusedPoints == 2000)
        let ended = try await run.finish()
        #expect(ended.metrics.mapValues(\.count) == ["m": 1000, "n": 1000])
        #expect(run.refusedPoints == 2000)
    }

    @Test func aTimeThatCannotBeStoredIsRefusedAtOnce() async throws {
        let isBroken = Atomic(false)
        let run = try await run {
            isBroken.load(ordering: .relaxed) ? Date(timeIntervalSince1970: 1e12) : .now
        }
        isBroken.store(true, ordering: .relaxed)
        run.log("m", 1, step: 0)
        isBroken.store(false, ordering: .relaxed)
        run.log("m", 1, step: 1)
        #expect(run.refusedPoints == 1)
        #expect(try await run.finish().metrics["m"]?.count == 1)
    }

    @Test func theRunThatIsDeletedDoesNotHangItsLoop() async throws {
        let run = try await run(capacity: 16)
        try await run.workspace.runs.delete(run.id)
        // More than the buffer holds, so that the logging loop waits for the store.
        await offTheTestThread { for step in 0..<1000 { run.log("m", 1, step: step) } }
        #expect(await code(of: { try await run.flush() }) == .notFound)
        #expect(run.refusedPoints == 1000)
        // Thrown only once: nothing is buffered any more.
        try await run.flush()
        try await run.workspace.runs.restore(run.id)
        run.log("m", 1, step: 1000)
        #expect(try await run.finish().metrics["m"]?.count == 1)
    }

    @Test func whoeverWaitsIsToldOnceAndLaterPointsGo() async throws {
        let run = try await run()
        run.logTooManyMetrics()
        #expect(await code(of: { try await run.flush() }) == .invalidValue)
        #expect(run.refusedPoints == 10_000)
        run.log("m", 1, step: 0)
        try await run.flush()
        #expect(try await run.finish().metrics["m"]?.count == 1)
    }

    @Test func aScopeWhosePointsAreRefusedEndsAsFailed() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        let refusal = await code {
            try await workspace.withRun(project: "p", experiment: "e") { run in
                run.logTooManyMetrics()
            }
        }
        #expect(refusal == .invalidValue)
        let ended = try #require(await workspace.runs.first())
        #expect(ended.status == .failed)
        #expect(ended.errorMessage?.contains("invalidValue") == true)
    }
}

extension RunLogger {
    /// Logs 10,000 metrics, whose summaries are more than the column accepts.
    func logTooManyMetrics() {
        let name = String(repeating: "x", count: 1000)
        for number in 0..<10_000 { log("\(number)" + name, 1, step: 0) }
    }
}

/// The code of the store error that a call throws.
func code(of call: () async throws -> Void) async -> StoreError.Code? {
    do {
        try await call()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}

/// Runs blocking work on a thread outside of the cooperative pool.
func offTheTestThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            body()
            continuation.resume()
        }
    }
}
