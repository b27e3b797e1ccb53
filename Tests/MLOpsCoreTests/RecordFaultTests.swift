import Foundation
import Testing

@testable import MLOpsCore

/// Records of processes that are killed, and on disks that are full.
@Suite struct RecordFaultTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// What a killed process had flushed is there, and nothing is named that is not.
    @Test func aKilledProcessLosesWhatWasNotFlushed() async throws {
        let worker = try Worker("record", scratch.path("mlops.db"))
        var acknowledged = 0
        for _ in 0..<12 {
            let line = try #require(await worker.line(startingWith: "acknowledged "))
            acknowledged = try #require(Int(line.split(separator: " ")[1]))
        }
        worker.send(SIGKILL)
        _ = await worker.wait()
        try await scratch.opened { store, workspace in
            let run = try #require(try await workspace.runs.first())
            let items = try await workspace.recordedItems(named: "samples", of: run.id)
            #expect(items.count >= acknowledged)
            #expect(items.map(\.step) == (0..<items.count).map { Int64($0) })
            let report = try await store.withSystemAccess(reason: "test") {
                try await $0.verifyArtifacts()
            }
            #expect(report.problems == [])
            // The run goes on, and its new items are merged with those of before.
            let resumed = try await workspace.resumeRun(run.id)
            try resumed.log(text: "after", named: "log", step: 0)
            try await resumed.finish()
        }
    }

    @Test(arguments: SmallDisk.available)
    func aFullDiskLosesNothingThatWasAcknowledged(_ disk: SmallDisk) async throws {
        let folder = scratch.path("disk")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let worker = try Worker(
            "record-fill", folder + "/mlops.db", wrapper: disk.wrapper(folder))
        let lines = await worker.remainingLines()
        let filled = lines.first { $0.hasPrefix("filled 10 ") }?.split(separator: " ").last
        #expect(filled == "diskFull" || filled == "inputOutput", "\(lines)")
        #expect(lines.contains("complete true") && lines.contains("undamaged"), "\(lines)")
    }
}
