import Foundation
import MLOpsCore
import MLOpsTesting
import Testing

/// The state of the file after processes die, compete, or run out of disk space.
@Suite struct ProcessFaultTests {
    let scratch: Scratch
    var path: String { scratch.path("mlops.db") }

    init() throws { scratch = try Scratch() }

    private func number(in line: String?) -> Int? {
        line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    @Test(arguments: 0..<3) func everyAcknowledgedPointOutlivesAKill(round: Int) async throws {
        let worker = try Worker("ingest", path)
        let run = try #require(await worker.line(startingWith: "run "))
        let id = try #require(Identifier<ExperimentRun>(String(run.dropFirst(4))))
        for _ in 0...round * 20 { _ = await worker.line(startingWith: "acknowledged") }
        worker.send(SIGKILL)
        let acknowledged = await worker.remainingLines().last.map { number(in: $0) ?? 0 } ?? 0
        #expect(await worker.wait() == SIGKILL)
        try await scratch.opened { (store, workspace) async throws in
            let stored = try await workspace.runs.find(id)
            let steps = try await workspace.read { tx in
                try tx.metrics.history(of: id, metric: "m").map(\.step)
            }
            #expect(steps.count >= max(acknowledged, (round * 20 + 1) * 100))
            // Every point once, in whole batches, with a matching summary.
            #expect(steps == Array(0..<Int64(steps.count)))
            #expect(steps.count % 100 == 0)
            #expect(stored.metrics["m"]?.count == steps.count)
            #expect(try await store.verify().problems == [])
            // Its process has exited, so the run is abandoned at once.
            let ended = try await workspace.recoverAbandonedRuns(staleAfter: .seconds(3600))
            #expect(ended.map(\.id) == [id])
        }
    }

    /// Kills a worker inside a migration before its commit; returns the remaining version.
    private func left(by mode: String, killedInside number: Int) async throws -> Int {
        let worker = try Worker(mode, path, "\(number)")
        _ = try #require(await worker.line(startingWith: "inside"))
        worker.send(SIGKILL)
        #expect(await worker.wait() == SIGKILL)
        // Checked without migrating.
        var configuration = SQLiteConfiguration()
        configuration.migratesOnOpen = false
        configuration.requiresCurrentSchema = false
        let store = try await SQLiteStore.open(path, configuration: configuration)
        let report = try await store.verify()
        #expect(report.problems == [])
        try await store.close()
        return report.schemaVersion
    }

    @Test(arguments: 1...4) func aMigrationThatIsKilledLeavesTheOldSchema(version: Int) async throws
    {
        #expect(try await left(by: "migrate", killedInside: version) == version - 1)
        try await scratch.opened { (store, _) async throws in
            #expect(try await store.verify().schemaVersion == 4)
        }
        #expect(try await left(by: "roll-back", killedInside: version) == 5 - version)
        try await scratch.opened { (store, workspace) async throws in
            #expect(try await store.verify().problems == [])
            // The data of reverted migrations are gone, and nothing else is.
            #expect(try await workspace.projects.count() == 0)
        }
    }

    @Test func aPruneThatIsKilledLeavesTheWholeTrail() async throws {
        try await scratch.opened { (_, workspace) async throws in
            for number in 0..<20 {
                try await workspace.projects.insert(Project(name: "Project \(number)"))
            }
        }
        let worker = try Worker("prune", path, "1")
        _ = try #require(await worker.line(startingWith: "inside"))
        worker.send(SIGKILL)
        #expect(await worker.wait() == SIGKILL)
        try await scratch.opened { (store, workspace) async throws in
            let report = try await workspace.read { try $0.auditLogs.verifyChain() }
            #expect(report.isIntact && report.count == 22)
            #expect(try await store.verify().problems == [])
        }
        let second = try Worker("prune", path, "2")
        #expect(await second.line(startingWith: "done") != nil)
        #expect(await second.wait() == 0)
        try await scratch.opened { (store, workspace) async throws in
            let left = try await workspace.auditLogs.all(order: { [$0.sequence.ascending] })
            #expect(left.map(\.action) == ["project.create", "audit_log.prune"])
            #expect(try await store.verify().problems == [])
        }
    }

    @Test func aBackupThatIsKilledLeavesNoTornFile() async throws {
        try await scratch.opened { (_, workspace) async throws in
            // 40 MB, of which the backup copies 8 MB at a time.
            let text = String(repeating: "x", count: 1_000_000)
            for number in 0..<40 {
                try await workspace.projects.insert(
                    Project(name: "Project \(number)", description: text))
            }
        }
        let target = scratch.path("backup.db")
        let worker = try Worker("backup", path, target)
        let line = try #require(await worker.line(startingWith: "copied"))
        let words = line.split(separator: " ").compactMap { Int($0) }
        #expect(words[0] < words[1], "\(line)")
        worker.send(SIGKILL)
        _ = await worker.wait()
        // The target's name is used only for a complete copy.
        #expect(!FileManager.default.fileExists(atPath: target))
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
        #expect(names.contains { $0.hasPrefix("backup.db.partial-") })
        try await scratch.opened { (store, _) async throws in
            #expect(try await store.verify().problems == [])
            try await store.backup(to: target)
            await #expect {
                try await store.backup(to: target)
            } throws: { ($0 as? StoreError)?.code == .alreadyExists }
        }
        let copy = try await SQLiteStore.open(target)
        #expect(try await copy.verify().problems == [])
        #expect(try await copy.localWorkspace().projects.count() == 40)
        try await copy.close()
    }

    @Test func aQuotaHoldsAcrossProcesses() async throws {
        try await scratch.opened { (store, workspace) async throws in
            try await store.withSystemAccess(reason: "test") { system in
                try await system.write { tx in
                    var organization = try tx.organizations.find(workspace.organizationID)
                    organization.maxProjects = 50
                    try tx.organizations.update(organization)
                }
            }
        }
        let workers = try (0..<4).map { _ in try Worker("quota", path) }
        var sum = 0
        for worker in workers {
            let last = await worker.remainingLines().last
            sum += try #require(number(in: last), "\(last ?? "nothing")")
        }
        #expect(sum == 50)
        try await scratch.opened { (_, workspace) async throws in
            #expect(try await workspace.projects.count() == 50)
        }
    }

    @Test(arguments: [2, 8]) func processesShareAFileFromItsFirstMoment(count: Int) async throws {
        let points = 400
        let workers = try (0..<count).map { _ in try Worker("share", path, "\(points)") }
        for worker in workers {
            let lines = await worker.remainingLines()
            #expect(lines.last == "done")
            #expect(await worker.wait() == 0)
        }
        try await scratch.opened { (store, workspace) async throws in
            #expect(try await workspace.metrics.count() == count * points)
            #expect(try await workspace.runs.count { $0.status == .completed } == count)
            #expect(try await workspace.projects.count() == 1)
            #expect(try await workspace.experiments.count() == 1)
            #expect(try await store.verify().problems == [])
        }
    }

    /// The output of a worker that may write at most 4 MiB.
    private func lines(of mode: String, on disk: SmallDisk) async throws -> [String] {
        let folder = scratch.path("disk")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let worker = try Worker(mode, folder + "/mlops.db", wrapper: disk.wrapper(folder))
        return await worker.remainingLines()
    }

    @Test(arguments: SmallDisk.available) func aFullDiskUndoesTheBatch(
        disk: SmallDisk
    ) async throws {
        let lines = try await lines(of: "fill", on: disk)
        #expect(lines.contains("error diskFull"), "\(lines)")
        let counts = try #require(lines.first { $0.hasPrefix("acknowledged") }).split(
            separator: " ")
        #expect(counts[1] == counts[3])
        #expect(Int(counts[1]) ?? 0 > 0)
        #expect(lines.last == "sound true")
    }

    @Test(arguments: SmallDisk.available) func aFullDiskInsideASavepointUndoesTheTransaction(
        disk: SmallDisk
    ) async throws {
        let lines = try await lines(of: "fill-savepoint", on: disk)
        #expect(
            lines == ["ready", "caught diskFull", "error diskFull", "stored 0", "sound true"])
    }

    private func filesLeft() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aSignalEndsTheRun(signal: Int32) async throws {
        let worker = try Worker("signal", path)
        let run = try #require(await worker.line(startingWith: "run "))
        let id = try #require(Identifier<ExperimentRun>(String(run.dropFirst(4))))
        worker.send(signal)
        #expect(await worker.wait() == signal)
        #expect(try filesLeft() == ["mlops.db"])
        try await scratch.opened { (_, workspace) async throws in
            let stored = try await workspace.runs.find(id)
            #expect(stored.status == .cancelled)
            #expect(stored.metrics["m"]?.count == 10)
        }
    }

    @Test func aSignalEndsARunThatKeepsEveryThread() async throws {
        let worker = try Worker("busy", path)
        let run = try #require(await worker.line(startingWith: "run "))
        let id = try #require(Identifier<ExperimentRun>(String(run.dropFirst(4))))
        worker.send(SIGTERM)
        #expect(await worker.wait() == SIGTERM)
        #expect(try filesLeft() == ["mlops.db"])
        try await scratch.opened { (_, workspace) async throws in
            #expect(try await workspace.runs.find(id).status == .cancelled)
        }
    }

    @Test func aSecondSignalEndsTheProcessAtOnce() async throws {
        let worker = try Worker("signal", path)
        _ = try #require(await worker.line(startingWith: "run "))
        let hasEnded = Flag()
        try await scratch.opened { (_, workspace) async throws in
            // The lock keeps the worker from ending its run.
            let number = worker.processIdentifier
            let lock = Task {
                try await workspace.write { _ in
                    kill(number, SIGINT)
                    while !hasEnded.isSet {
                        Thread.sleep(forTimeInterval: 0.02)
                        kill(number, SIGTERM)
                    }
                }
            }
            // With only the first signal, the status would be SIGINT.
            #expect(await worker.wait() == SIGTERM)
            hasEnded.set()
            try await lock.value
        }
    }

    #if os(Linux)
        @Test func whatIsStreamedTakesNoMemory() async throws {
            let points = 100_000
            let worker = try Worker("stream", path, "\(points)")
            var kibibytes: [String: Int] = [:]
            for line in await worker.remainingLines().dropFirst() {
                let words = line.split(separator: " ").map(String.init)
                try #require(words.count == 3 && Int(words[1]) == points, "\(line)")
                kibibytes[words[0]] = Int(words[2])
            }
            #expect(await worker.wait() == 0)
            // The case that loads every point shows that the measurement works.
            let all = kibibytes.removeValue(forKey: "all") ?? 0
            #expect(all > points * 100 / 1024)
            #expect(kibibytes.keys.sorted() == ["buckets", "forEach", "history", "stream"])
            for (name, size) in kibibytes {
                #expect(size < 4096, "\(name) has taken \(size) KiB, everything at once \(all)")
            }
        }
    #endif
}
