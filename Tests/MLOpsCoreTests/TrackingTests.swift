import Foundation
import Testing

@testable import MLOpsCore

@Suite struct TrackingTests {
    private struct Hyperparameters: Codable {
        var learningRate = 0.1
        var layers = [64, 10]
        var schedule: String?
    }

    private func workspace() async throws -> Workspace {
        try await SQLiteStore.inMemory().localWorkspace()
    }

    @Test func aRunKeepsWhatWasLogged() async throws {
        let workspace = try await workspace()
        let id = try await workspace.withRun(
            project: "Digits", experiment: "sweep", name: "first",
            parameters: Hyperparameters(), tags: ["team": "vision"]
        ) { run in
            for step in 0..<1000 {
                run.log("loss", 1 / Double(step + 1), step: step)
                run.log(["accuracy": Double(step) / 1000, "lr": 0.1], step: step)
            }
            run.log("odd", .nan, step: 0)
            try await run.setTags(["stage": "done"])
            return run.id
        }
        let run = try await workspace.runs.find(id)
        #expect(run.status == .completed)
        #expect(run.parameters["learningRate"] == 0.1)
        #expect(run.parameters["layers"]?[1] == 10)
        #expect(run.tags == ["team": "vision", "stage": "done"])
        #expect(run.environment["process"]?["id"]?.int != nil)
        #expect(run.metrics["loss"]?.count == 1000)
        #expect(run.metrics["loss"]?.min == 0.001)
        #expect(run.metrics["accuracy"]?.last == 0.999)
        #expect(run.metrics["odd"]?.last.isNaN == true)
        #expect(run.durationSeconds ?? -1 >= 0)
        let history = try await workspace.read { try $0.metrics.history(of: id, metric: "loss") }
        #expect(history.map(\.step) == Array(0..<1000))
        #expect(try await workspace.metrics.count() == 3001)
    }

    @Test func flushReturnsAfterTheCommit() async throws {
        let workspace = try await workspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for step in 0..<10 {
            run.log("loss", Double(step), step: step)
            try await run.flush()
            let stored = try await workspace.runs.find(run.id)
            #expect(stored.metrics["loss"]?.count == step + 1)
        }
        // The logger's writes do not change the revision, so updates of the run do not conflict.
        #expect(try await workspace.runs.find(run.id).revision == 1)
        try await run.finish()
    }

    /// Points of an unknown commit that was done are not stored twice, and the run ends.
    @Test func anEndFindsItsPointsStored() async throws {
        let workspace = try await workspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        var batch = MetricBatch()
        for step in 0..<10 { batch.add("loss", Double(step), step: Int64(step)) }
        batch.firstID = Identifier()
        try await workspace.write { [batch] in try $0.runs.append(batch, to: run.id) }
        batch.mayBeStored = true
        let ended = try await workspace.write { [batch] in
            try $0.runs.end(run.id, as: .completed, error: nil, with: batch)
        }
        #expect(ended.status == .completed && ended.metrics["loss"]?.count == 10)
        #expect(try await workspace.metrics.count() == 10)
    }

    /// Loggers share a timer; none is delayed by a later one, or by a released one.
    @Test(.timeLimit(.minutes(5))) func everyLoggerIsTickedInItsOwnTime() async throws {
        let workspace = try await workspace()
        let intervals = [3600, 0.02, 3600, 0.05, 0.01]
        var runs: [RunLogger] = []
        for interval in intervals {
            var options = TrackingOptions()
            options.flushInterval = .seconds(interval)
            options.heartbeatInterval = .seconds(3600)
            runs.append(
                try await workspace.startRun(project: "p", experiment: "e", options: options))
        }
        try await runs.removeLast().finish()
        for round in 1...2 {
            for run in runs { run.log("loss", 1, step: round) }
            for (run, interval) in zip(runs, intervals) where interval < 1 {
                while try await workspace.runs.find(run.id).metrics["loss"]?.count != round {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        for (run, interval) in zip(runs, intervals) {
            let stored = try await workspace.runs.find(run.id)
            #expect(stored.metrics["loss"]?.count == (interval < 1 ? 2 : nil))
            try await run.finish()
        }
    }

    /// The last points are stored even if the end fails with a conflict.
    @Test func aRunThatSomebodyElseHasEndedKeepsItsLastPoints() async throws {
        let workspace = try await workspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        for step in 0..<10 { run.log("loss", Double(step), step: step) }
        try await workspace.write { tx in
            _ = try tx.runs.end(run.id, as: .cancelled, error: nil)
        }
        await #expect { try await run.finish() } throws: { ($0 as? StoreError)?.code == .conflict }
        let stored = try await workspace.runs.find(run.id)
        #expect(stored.status == .cancelled && stored.metrics["loss"]?.count == 10)
        #expect(try await workspace.metrics.count() == 10)
    }

    /// A run with refused points cannot end as completed.
    @Test func aRunWhoseLastPointsAreRefusedGoesOn() async throws {
        let workspace = try await workspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        run.log("x", 1, step: 0)
        run.logTooManyMetrics()
        await #expect { try await run.finish() } throws: {
            ($0 as? StoreError)?.code == .invalidValue
        }
        #expect(try await workspace.runs.find(run.id).status == .running)
        try await run.finish()
        #expect(try await workspace.runs.find(run.id).status == .completed)
    }

    @Test func aFullBufferWaitsAndLosesNothing() async throws {
        let workspace = try await workspace()
        var options = TrackingOptions()
        options.bufferCapacity = 64
        let run = try await workspace.startRun(
            project: "p", experiment: "e", options: options)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for step in 0..<5000 { run.log("m\(task)", Double(step), step: step) }
                }
            }
        }
        let ended = try await run.finish()
        #expect(ended.metrics.values.map(\.count) == [5000, 5000, 5000, 5000])
        #expect(run.droppedPoints == 0)
    }

    @Test func dropIsCounted() async throws {
        let workspace = try await workspace()
        var options = TrackingOptions()
        options.bufferCapacity = 8
        options.whenFull = .drop
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        for step in 0..<100_000 { run.log("m", 0, step: step) }
        let ended = try await run.finish()
        #expect((ended.metrics["m"]?.count ?? 0) + run.droppedPoints == 100_000)
    }

    @Test func loggingAfterTheEndIsCountedAndHarmless() async throws {
        let workspace = try await workspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        run.log("m", 1, step: 0)
        try await run.finish()
        run.log("m", 2, step: 1)
        run.log(["a": 1, "b": 2], step: 1)
        #expect(run.refusedPoints == 3)
        #expect(try await workspace.metrics.count() == 1)
        await #expect { try await run.finish() } throws: { ($0 as? StoreError)?.code == .conflict }
    }

    private struct Broken: Error {}

    @Test func theScopeEndsTheRun() async throws {
        let workspace = try await workspace()
        await #expect(throws: Broken.self) {
            try await workspace.withRun(project: "p", experiment: "e", name: "throws") { run in
                run.log("m", 1, step: 0)
                throw Broken()
            }
        }
        let task = Task {
            try await workspace.withRun(project: "p", experiment: "e", name: "waits") { run in
                run.log("m", 1, step: 0)
                try await Task.sleep(for: .seconds(60))
            }
        }
        while try await workspace.runs.count(where: { $0.runName == "waits" }) == 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let failed = try #require(await workspace.runs.first { $0.runName == "throws" })
        #expect(failed.status == .failed)
        #expect(failed.errorMessage == "Broken()")
        #expect(failed.metrics["m"]?.count == 1)
        let cancelled = try #require(await workspace.runs.first { $0.runName == "waits" })
        #expect(cancelled.status == .cancelled)
        #expect(cancelled.metrics["m"]?.count == 1)
    }

    @Test func aDroppedLoggerEndsItsRun() async throws {
        let workspace = try await workspace()
        var run: RunLogger? = try await workspace.startRun(project: "p", experiment: "e")
        let id = try #require(run?.id)
        run?.log("m", 1, step: 0)
        run = nil
        while try await workspace.runs.find(id).status == .running {
            try await Task.sleep(for: .milliseconds(5))
        }
        let ended = try await workspace.runs.find(id)
        #expect(ended.status == .failed)
        #expect(ended.metrics["m"]?.count == 1)
    }

    @Test func closingTheStoreKeepsWhatWasLogged() async throws {
        let scratch = try Scratch()
        let (id, run) = try await scratch.opened { (_, workspace) async throws in
            let run = try await workspace.startRun(project: "p", experiment: "e")
            for step in 0..<100 { run.log("m", 1, step: step) }
            return (run.id, run)
        }
        run.log("m", 1, step: 100)
        #expect(run.refusedPoints == 1)
        await #expect(throws: StoreError.self) { try await run.finish() }
        try await scratch.opened { (_, workspace) async throws in
            let ended = try await workspace.runs.find(id)
            #expect(ended.status == .failed)
            #expect(ended.errorMessage == "The store was closed before the run had ended.")
            #expect(ended.metrics["m"]?.count == 100)
            let points = try await workspace.metrics.count { $0.runID == id }
            #expect(points == 100)
        }
    }

    @Test func runsNestAndResume() async throws {
        let workspace = try await workspace()
        let parent = try await workspace.startRun(project: "p", experiment: "e", name: "parent")
        let child = try await parent.withChild(name: "child") { child in
            child.log("m", 1, step: 0)
            return child.id
        }
        try await parent.finish()
        // A run has only one logger.
        let other = try await workspace.startRun(project: "p", experiment: "e")
        #expect(
            try await workspace.read { try $0.runs.children(of: parent.id).map(\.id) } == [child])
        await #expect {
            _ = try await workspace.resumeRun(other.id)
        } throws: { ($0 as? StoreError)?.code == .conflict }
        try await other.finish()
        let resumed = try await workspace.resumeRun(child)
        resumed.log("m", 3, step: 1)
        let ended = try await resumed.finish()
        #expect(ended.metrics["m"]?.count == 2)
        #expect(ended.metrics["m"]?.max == 3)
        #expect(ended.status == .completed)
    }

    @Test func artifactsAreKeptByTheirHashAndVerified() async throws {
        let workspace = try await workspace()
        let file = FileManager.default.temporaryDirectory
            .appending(path: "weights-\(Identifier<Model>()).bin")
        try Data("weights".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let run = try await workspace.startRun(project: "p", experiment: "e")
        let artifact = try await run.logArtifact(file, named: "weights")
        // echo -n weights | sha256sum
        #expect(
            artifact.sha256 == "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c")
        #expect(artifact.sizeBytes == 7)
        let kept = try await workspace.artifact(named: "weights", of: run.id)
        #expect(try Data(contentsOf: kept) == Data("weights".utf8))
        try Data("changed".utf8).write(to: kept)
        await #expect {
            try await workspace.artifact(named: "weights", of: run.id)
        } throws: { ($0 as? StoreError)?.code == .corrupt }
        await #expect {
            try await workspace.artifact(named: "nothing", of: run.id)
        } throws: { ($0 as? StoreError)?.code == .notFound }
        await #expect {
            try await run.logArtifact(URL(filePath: "/nonexistent/file"))
        } throws: { ($0 as? StoreError)?.code == .inputOutput }
        try await run.finish()
        try await workspace.store.close()
    }

    @Test func filesThatNobodyNamesAreRemoved() async throws {
        let workspace = try await workspace()
        let (store, scratch) = (workspace.store, try Scratch())
        let manager = FileManager.default
        func log(_ bytes: String, in run: String) async throws -> (ExperimentRun, URL) {
            let file = scratch.path("file")
            try Data(bytes.utf8).write(to: URL(filePath: file))
            let logger = try await workspace.startRun(project: "p", experiment: "e", name: run)
            try await logger.logArtifact(URL(filePath: file), named: "file")
            try await logger.finish()
            let kept = try await workspace.artifact(named: "file", of: logger.id)
            return (try await workspace.runs.find(logger.id), kept)
        }
        /// Sets the modification time to 25 hours ago.
        func age(_ file: URL) throws {
            try manager.setAttributes(
                [.modificationDate: Date.now.addingTimeInterval(-90_000)], ofItemAtPath: file.path)
        }
        func prune(dryRun: Bool = false) async throws -> ArtifactPruning {
            try await store.withSystemAccess(reason: "test") {
                try await $0.pruneArtifacts(isDryRun: dryRun)
            }
        }
        #expect(try await prune().files == 0, "no directory yet")
        let (first, lost) = try await log("lost", in: "first")
        let (_, named) = try await log("named", in: "second")
        let (third, again) = try await log("again", in: "third")
        let directory = URL(filePath: store.artifacts.directory)
        let foreign = directory.appending(path: "README")
        let partial = directory.appending(path: ".incoming/partial")
        try Data("theirs".utf8).write(to: foreign)
        try Data("torn".utf8).write(to: partial)
        for file in [lost, named, again, foreign, partial] { try age(file) }
        for run in [first, third] { try await workspace.runs.delete(run.id) }
        #expect(try await prune(dryRun: true).files == 1, "deleted runs can be restored")
        for run in [first, third] { try await workspace.runs.purge(run.id) }
        let dry = try await prune(dryRun: true)
        #expect(dry.files == 3 && dry.bytes == 13)
        // Logged again, but not yet named by a run.
        _ = try store.artifacts.add(contentsOf: again)
        let pruning = try await prune()
        #expect(pruning.files == 2 && pruning.bytes == 8)
        #expect(try await prune().files == 0)
        let left = [lost, named, again, foreign, partial].map {
            manager.fileExists(atPath: $0.path)
        }
        #expect(left == [false, true, true, true, false])
        try await store.close()
    }

    @Test func aStoreInMemoryTakesItsArtifactsAlong() async throws {
        func directory() async throws -> String {
            let workspace = try await workspace()
            let file = FileManager.default.temporaryDirectory
                .appending(path: "weights-\(Identifier<Model>()).bin")
            try Data("weights".utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let run = try await workspace.startRun(project: "p", experiment: "e")
            try await run.logArtifact(file)
            try await run.finish()
            let directory = workspace.store.artifacts.directory
            #expect(FileManager.default.fileExists(atPath: directory))
            return directory
        }
        // The store is not closed explicitly; it is released with its last user.
        let left = try await directory()
        while FileManager.default.fileExists(atPath: left) {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func aClosedStoreRefusesWithoutBlocking() async throws {
        let workspace = try await workspace()
        var options = TrackingOptions()
        options.bufferCapacity = 4
        let run = try await workspace.startRun(project: "p", experiment: "e", options: options)
        try await workspace.store.close()
        for step in 0..<100 { run.log("m", 0, step: step) }
        #expect(run.refusedPoints > 0)
        await #expect(throws: StoreError.self) { try await run.finish() }
    }

    @Test func aRunOfALivingProcessIsNotAbandoned() async throws {
        let workspace = try await workspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        var foreign = ExperimentRun(
            experiment: run.experimentID, runName: "elsewhere", status: .running,
            environment: ["host": "another.example"], startedAt: .now.addingTimeInterval(-7200))
        foreign.heartbeatAt = .now.addingTimeInterval(-3600)
        let (organization, principal) = (workspace.organizationID, workspace.principal)
        try await workspace.store.withSystemAccess(reason: "test") { [foreign] access in
            _ = try await access.write {
                try $0.scoped(to: organization, as: principal).runs
                    .insert(history: [Historical(foreign)])
            }
        }
        let ended = try await workspace.recoverAbandonedRuns(staleAfter: .seconds(60))
        #expect(ended.map(\.runName) == ["elsewhere"])
        #expect(ended.map(\.status) == [.failed])
        try await run.finish()
    }
}
