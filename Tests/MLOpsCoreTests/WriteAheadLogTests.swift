import Foundation
import InMemoryLogging
import Logging
import MLOpsCore
import Testing

/// The size of the write-ahead log under all kinds of readers.
@Suite struct WriteAheadLogTests {
    let scratch: Scratch
    let log = InMemoryLogHandler.warnings
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    private func open(
        grace: Duration = .seconds(10)
    ) async throws -> (SQLiteStore, Workspace, SQLiteConfiguration) {
        var configuration = SQLiteConfiguration()
        configuration.checkpointSize = 256 << 10
        configuration.walBudget = 1 << 20
        configuration.snapshotGrace = grace
        configuration.slowStatementThreshold = nil
        configuration.logger = Logger(label: "test") { [log] _ in log }
        let store = try await SQLiteStore.open(path, configuration: configuration)
        return (store, try await store.localWorkspace(), configuration)
    }

    private var logSize: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
        return attributes?[.size] as? Int ?? 0
    }

    /// Logs batches of a thousand points, about 200 KiB of log each; returns the largest log.
    private func write(_ batches: Int, to run: RunLogger, from first: Int = 0) async throws -> Int {
        var largest = 0
        for batch in first..<first + batches {
            for step in batch * 1000..<(batch + 1) * 1000 { run.log("m", 1, step: step) }
            try await run.flush()
            largest = max(largest, logSize)
        }
        return largest
    }

    @Test func aReaderThatNeverEndsIsTold() async throws {
        let (store, workspace, configuration) = try await open()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        _ = try await write(1, to: run)
        let reader = Task {
            // Reads repeatedly in one snapshot, which must not change.
            try await workspace.read { tx in
                let first = try tx.runs.first()
                while try tx.runs.first() == first { Thread.sleep(forTimeInterval: 0.005) }
            }
        }
        _ = try await write(20, to: run, from: 1)
        await #expect {
            try await reader.value
        } throws: { ($0 as? StoreError)?.code == .snapshotExpired }
        try await run.finish()
        #expect(logSize <= 3 * configuration.walBudget)
        #expect(try await store.verify().problems == [])
        try await store.close()
    }

    @Test func readsThatOverlapAreHeldBackAndNotTold() async throws {
        let (store, workspace, configuration) = try await open()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        _ = try await write(1, to: run)
        let readers = (0..<4).map { _ in
            Task {
                while !Task.isCancelled {
                    try await workspace.read { tx in
                        let first = try tx.runs.first()
                        Thread.sleep(forTimeInterval: .random(in: 0.005...0.02))
                        let second = try tx.runs.first()
                        #expect(second == first)
                    }
                }
            }
        }
        let largest = try await write(60, to: run, from: 1)
        for reader in readers {
            reader.cancel()
            do { try await reader.value } catch is CancellationError {}
        }
        // The budget, the interval between two checkpoints, and the transaction that exceeded it.
        #expect(largest <= 2 * configuration.walBudget)
        #expect(log.lines == [])
        try await run.finish()
        try await store.close()
    }

    @Test func aReaderOfAnotherProcessIsToldOfAndTheLogShrinksBehindIt() async throws {
        let (store, workspace, configuration) = try await open(grace: .milliseconds(50))
        let run = try await workspace.startRun(project: "p", experiment: "e")
        _ = try await write(1, to: run)
        let reader = try Worker("hold", path)
        #expect(await reader.line(startingWith: "holding") == "holding 1000")
        // Writing continues, no point is lost, and the log grows.
        _ = try await write(20, to: run, from: 1)
        let held = try await store.logStatus()
        #expect(held.isHeld && held.bytes > configuration.walBudget)
        #expect(logSize > configuration.walBudget)
        #expect(log.lines.count == 1, "\(log.lines)")
        #expect(try await workspace.metrics.count() == 21_000)
        reader.send(SIGKILL)
        _ = await reader.wait()
        #expect(await reader.remainingLines() == [])
        // Once the reader is gone, the log restarts, and is truncated to its budget.
        _ = try await write(5, to: run, from: 21)
        let free = try await store.logStatus()
        #expect(!free.isHeld)
        #expect(logSize <= 2 * configuration.walBudget)
        try await run.finish()
        #expect(try await store.verify().problems == [])
        try await store.close()
    }

    @Test func aVerificationIsNotStopped() async throws {
        let (store, workspace, _) = try await open()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        _ = try await write(1, to: run)
        let verification = Task {
            for _ in 0..<5 {
                let report = try await store.verify()
                #expect(report.problems == [])
            }
        }
        _ = try await write(30, to: run, from: 1)
        try await verification.value
        try await run.finish()
        try await store.close()
    }

    @Test func aVacuumShrinksTheFileAtOnce() async throws {
        let store = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        let run = try await workspace.startRun(project: "p", experiment: "e")
        _ = try await write(40, to: run)
        try await run.finish()
        try await store.vacuum()
        let before = try size(of: path)
        let project = try #require(await workspace.projects.first())
        try await workspace.projects.delete(project.id)
        try await workspace.projects.purge(project.id)
        try await store.vacuum()
        #expect(try size(of: path) < before / 2)
        try await store.close()
    }

    private func size(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.size] as? Int)
    }
}
