import Foundation
import Testing

@testable import MLOpsCore

/// A run is abandoned once its process has exited, and not before.
@Suite struct AbandonedRunsTests {
    let scratch: Scratch
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    /// Starts a worker that logs a run; returns both.
    private func ingest() async throws -> (Worker, Identifier<ExperimentRun>) {
        let worker = try Worker("ingest", path)
        let line = try #require(await worker.line(startingWith: "run "))
        return (worker, try #require(Identifier<ExperimentRun>(String(line.dropFirst(4)))))
    }

    @Test func aLivingProcessKeepsItsRun() async throws {
        let (worker, id) = try await ingest()
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        #expect(try await workspace.recoverAbandonedRuns(staleAfter: .zero) == [])
        #expect(await code { _ = try await workspace.resumeRun(id) } == .conflict)
        worker.send(SIGKILL)
        _ = await worker.wait()
        let resumed = try await workspace.resumeRun(id)
        #expect(try await workspace.recoverAbandonedRuns(staleAfter: .zero) == [])
        try await resumed.finish()
        // A run that has ended may be resumed while its process is alive.
        try await workspace.resumeRun(id).finish()
        try await workspace.store.close()
    }

    @Test func aRecoveredRunEndsAtItsLastHeartbeat() async throws {
        let (worker, id) = try await ingest()
        _ = await worker.line(startingWith: "acknowledged")
        worker.send(SIGKILL)
        _ = await worker.wait()
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        let before = try await workspace.runs.find(id)
        #expect(before.isAbandoned(at: workspace.now))
        #expect(try await workspace.recoverAbandonedRuns().map(\.id) == [id])
        let run = try await workspace.runs.find(id)
        #expect(run.status == .failed && !run.isAbandoned(at: workspace.now))
        #expect(run.completedAt == before.heartbeatAt && run.heartbeatAt == before.heartbeatAt)
        #expect(run.durationSeconds == before.durationSeconds)
        try await workspace.store.close()
    }

    @Test func aLoggerInAnotherStoreOfTheProcessIsSeen() async throws {
        let first = try await SQLiteStore.open(path).localWorkspace()
        let second = try await SQLiteStore.open(path).localWorkspace()
        let run = try await first.startRun(project: "p", experiment: "e")
        #expect(await code { _ = try await second.resumeRun(run.id) } == .conflict)
        try await run.finish()
        try await second.resumeRun(run.id).finish()
        try await first.store.close()
        try await second.store.close()
    }

    /// A program that records no environment keeps what another has recorded, without the process
    /// that has exited.
    @Test func aRunResumedWithoutItsEnvironmentHasNoProcess() async throws {
        let (worker, id) = try await ingest()
        worker.send(SIGKILL)
        _ = await worker.wait()
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        let before = try #require(try await workspace.runs.find(id).environment.object)
        #expect(before["process"] != nil && before["host"] != nil)
        var options = TrackingOptions()
        options.capturesEnvironment = false
        let resumed = try await workspace.resumeRun(id, options: options)
        var expected = before
        expected["process"] = nil
        #expect(try await workspace.runs.find(id).environment == .object(expected))
        // Only the age of its heartbeat tells whether it is abandoned.
        #expect(try await workspace.recoverAbandonedRuns(staleAfter: .seconds(60)) == [])
        try await resumed.finish()
        try await workspace.store.close()
    }

    @Test func aRunIsResumedOnce() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        try await run.finish()
        let resumed = await withTaskGroup(of: RunLogger?.self) { group in
            for _ in 0..<8 { group.addTask { try? await workspace.resumeRun(run.id) } }
            return await group.reduce(into: [RunLogger]()) { if let run = $1 { $0.append(run) } }
        }
        #expect(resumed.count == 1)
        try await resumed.first?.finish()
    }

    /// A logger learns from its next write, or from its next heartbeat, and the program once.
    @Test(.timeLimit(.minutes(5)), arguments: [true, false])
    func aRunThatAnotherProgramEndsIsToldOnce(byHeartbeat: Bool) async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        var options = TrackingOptions()
        options.flushInterval = .seconds(3600)
        options.heartbeatInterval = byHeartbeat ? .milliseconds(10) : .seconds(3600)
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        try await workspace.write { tx in _ = try tx.runs.end(run.id, as: .cancelled) }
        if !byHeartbeat { run.log("loss", 1, step: 1) }
        var told = await code { try await run.flush() }
        while byHeartbeat, told == nil {
            try await Task.sleep(for: .milliseconds(5))
            told = await code { try await run.flush() }
        }
        #expect(told == .conflict)
        run.log("loss", 1, step: 2)
        #expect(await code { try await run.flush() } == nil)
        #expect(await code { try await run.finish() } == .conflict)
        let stored = try await workspace.runs.find(run.id)
        #expect(stored.status == .cancelled)
        #expect(stored.metrics["loss"]?.count == (byHeartbeat ? 1 : 2))
    }

    @Test func aScopeThatReturnsAfterItsTaskWasCancelledEndsAsCancelled() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        let task = Task {
            try await workspace.withRun(project: "p", experiment: "e") { run in
                withUnsafeCurrentTask { $0?.cancel() }
                run.log("loss", 1, step: 1)
                return run.id
            }
        }
        let run = try await workspace.runs.find(try await task.value)
        #expect(run.status == .cancelled && run.metrics["loss"]?.count == 1)
    }

    @Test func aProcessOfAnotherNamespaceIsJudgedByItsHeartbeat() async throws {
        let workspace = try await SQLiteStore.open(path).localWorkspace()
        var options = TrackingOptions()
        options.heartbeatInterval = .seconds(3600)
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        var stored = try await workspace.runs.find(run.id)
        var environment = try #require(stored.environment.object)
        // A process number that does not exist here, as of a process in a container.
        environment["process"] = [
            "id": .int(Int64(Int32.max)), "start": "1", "namespace": "boot/pid:[1]",
        ]
        stored.environment = .object(environment)
        try await workspace.runs.update(stored)
        #expect(try await workspace.recoverAbandonedRuns(staleAfter: .seconds(3600)) == [])
        #expect(
            try await workspace.recoverAbandonedRuns(staleAfter: .seconds(-3600)).map(\.id)
                == [run.id])
        try await workspace.store.close()
    }

    #if os(Linux)
        @Test func aZombieIsNotAlive() async throws {
            var pid: pid_t = 0
            let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
            defer { free(arguments[0]) }
            try #require(posix_spawnp(&pid, "true", nil, nil, arguments, nil) == 0)
            let current = ProcessIdentity.current.json
            // It remains a zombie until this process waits for it.
            var info = siginfo_t()
            try #require(waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0)
            defer { waitpid(pid, nil, 0) }
            #expect(kill(pid, 0) == 0)
            let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            let ticks = String(stat.split(separator: " ")[21])
            let identity = ProcessIdentity(json: [
                "id": .int(Int64(pid)), "start": .string(ticks),
                "namespace": current["namespace"] ?? .null,
            ])
            #expect(identity?.life == .gone)
        }
    #endif

    @Test func aScopeWhoseRunSomebodyElseFailedDoesNotSucceed() async throws {
        let workspace = try await SQLiteStore.inMemory().localWorkspace()
        func code(endingAs status: RunStatus) async -> StoreError.Code? {
            await MLOpsCoreTests.code {
                try await workspace.withRun(project: "p", experiment: "e") { run in
                    try await workspace.write { [id = run.id] tx in
                        _ = try tx.runs.end(id, as: status, error: nil)
                    }
                }
            }
        }
        #expect(await code(endingAs: .failed) == .conflict)
        #expect(await code(endingAs: .cancelled) == .conflict)
        #expect(await code(endingAs: .completed) == nil)
        let ended = try await workspace.withRun(project: "p", experiment: "e") { run in
            try await run.cancel()
        }
        #expect(ended.status == .cancelled)
    }
}
