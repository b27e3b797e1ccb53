import Foundation
import MLOpsCore
import Synchronization
import Testing

/// Cancelled work leaves the store usable.
@Suite struct CancellationTests {
    let scratch: Scratch
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    /// Cancels a task after a delay; returns whether it had completed before.
    private func cancel(
        after delay: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        let task = Task { try await body() }
        try await Task.sleep(for: delay)
        task.cancel()
        do {
            try await task.value
            return true
        } catch is CancellationError {
            return false
        }
    }

    private func describe(
        _ id: Identifier<Project>, _ text: String, in workspace: Workspace
    ) async throws {
        try await workspace.write { tx in
            var project = try tx.projects.find(id)
            project.description = text
            try tx.projects.update(project)
        }
    }

    @Test(arguments: 0..<4) func whatIsCancelledLeavesNothingOpen(round: UInt64) async throws {
        let seed = round &* 7919 &+ 11
        var generator = SplitMix64(seed: seed)
        var configuration = SQLiteConfiguration()
        configuration.checkpointSize = 64 << 10
        let store = try await SQLiteStore.open(path, configuration: configuration)
        var other = SQLiteConfiguration()
        other.busyTimeout = .seconds(2)
        other.checkpointSize = 1 << 30
        let second = try await SQLiteStore.open(path, configuration: other)
        let workspace = try await store.localWorkspace()
        let project = try await workspace.projects.insert(Project(name: "Digits"))
        var cancelled = 0
        for number in 0..<60 {
            let delay = Duration.microseconds(Int.random(in: 0...6000, using: &generator))
            let target = scratch.path("copy-\(number).db")
            let kind = Int.random(in: 0..<4, using: &generator)
            let isDone = try await cancel(after: delay) {
                switch kind {
                case 0:
                    try await workspace.write { tx in
                        for _ in 0..<100 {
                            try tx.models.insert(Model(project: project.id, name: "\(UUID())"))
                        }
                    }
                case 1: try await store.backup(to: target)
                case 2:
                    _ = try await store.revertMigrations(to: 3)
                    _ = try await store.migrate()
                default: _ = try await store.verify()
                }
            }
            if !isDone { cancelled += 1 }
            // Both stores can still write, and no partial change remains.
            _ = try await store.migrate()
            try await describe(project.id, "\(number)", in: workspace)
            let view = try await second.localWorkspace()
            #expect(
                try await view.projects.find(project.id).description == "\(number)",
                "seed \(seed), number \(number)")
            try await describe(project.id, "from the other", in: view)
            #expect(try await view.models.count() % 100 == 0, "seed \(seed), number \(number)")
        }
        #expect(cancelled > 0, "seed \(seed)")
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
        #expect(left.filter { $0.contains("partial") } == [], "seed \(seed)")
        #expect(try await second.verify().problems == [], "seed \(seed)")
        try await second.close()
        try await store.close()
    }

    @Test func aWriteThatWaitsForAnotherProcessCanBeCancelled() async throws {
        let store = try await SQLiteStore.open(path)
        let second = try await SQLiteStore.open(path)
        let workspace = try await store.localWorkspace()
        let view = try await second.localWorkspace()
        let isHeld = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let holder = Task {
            try await workspace.write { tx in
                try tx.projects.insert(Project(name: "First"))
                isHeld.signal()
                mayEnd.wait()
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                isHeld.wait()
                continuation.resume()
            }
        }
        let isDone = try await cancel(after: .milliseconds(50)) {
            _ = try await view.projects.insert(Project(name: "Second"))
        }
        #expect(!isDone, "it ends while the other transaction is still open")
        mayEnd.signal()
        try await holder.value
        try await view.projects.insert(Project(name: "Third"))
        #expect(try await view.projects.all().map(\.name).sorted() == ["First", "Third"])
        try await second.close()
        try await store.close()
    }
}
