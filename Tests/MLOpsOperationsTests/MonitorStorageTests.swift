import Foundation
import InMemoryLogging
import Logging
import MLOpsCore
import Synchronization
import Testing

@testable import MLOpsOperations

@Suite struct MonitorStorageTests {
    /// Makes the store refuse what the monitor writes, and takes it again after the body.
    private func withoutDeployment(
        _ fixture: MonitorFixture, _ body: () async throws -> Void
    ) async throws {
        try await fixture.workspace.deployments.delete(fixture.deployment)
        try await body()
        _ = try await fixture.workspace.deployments.restore(fixture.deployment)
    }

    @Test func windowsWaitForTheStoreInOrder() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        try await withoutDeployment(fixture) {
            for count in 1...3 {
                monitor.count("errors", by: Double(count))
                fixture.pass(60)
                #expect(await !monitor.flush())
            }
        }
        #expect(fixture.warnings.count == 3)
        fixture.pass(60)
        #expect(await monitor.flush())
        #expect(try await fixture.series("errors.count") == [1, 2, 3, 0])
        #expect(monitor.lostWindows == 0)
        #expect(fixture.log.entries.last?.message == "A window of a monitor is stored at last.")
    }

    @Test func beyondTheBoundTheOldestAreLostAndTold() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor { $0.maximumPendingWindows = 2 }
        try await withoutDeployment(fixture) {
            for count in 1...4 {
                monitor.count("errors", by: Double(count))
                fixture.pass(60)
                await monitor.flush()
            }
        }
        #expect(monitor.lostWindows == 2)
        let lost = fixture.log.entries.filter { $0.message == "A window of a monitor is lost." }
        #expect(lost.count == 2 && lost.allSatisfy { $0.level == .error })
        await monitor.flush()
        #expect(try await fixture.series("errors.count").suffix(2) == [4, 0])
    }

    @Test func anAttemptWithoutAnAnswerIsNotRepeated() async throws {
        let fixture = try await MonitorFixture()
        let deployment = fixture.deployment
        var window = MonitorWindow(
            end: fixture.now, figures: [("a.count", 1), ("a.rate", 2)], report: nil)
        let first = window
        try await fixture.workspace.write { try first.store(for: deployment, in: $0) }
        window.attempts = 1
        let second = window
        try await fixture.workspace.write { try second.store(for: deployment, in: $0) }
        #expect(try await fixture.series("a.rate") == [2])
    }

    @Test func aRefusedRowCostsNoOther() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        func store(_ names: [String]) async -> Bool {
            let window = MonitorWindow(
                end: fixture.now, figures: names.map { ($0, 1) }, report: nil)
            monitor.timeline.withLock { $0.pending.append(window) }
            return await monitor.flush()
        }
        #expect(await store(["bad\0.count", "a.count", String(repeating: "x", count: 2000)]))
        #expect(try await fixture.names() == ["a.count"])
        #expect(monitor.refusedRows == 2 && monitor.lostWindows == 0)
        #expect(await store(["bad\0.count"]))
        #expect(monitor.refusedRows == 2 && monitor.lostWindows == 1)
        #expect(
            fixture.log.entries.map(\.message) == [
                "The store has refused rows of a window of a monitor.",
                "A window of a monitor is lost.",
            ])
    }

    @Test func whatTheDatabaseReportsIsTriedAgain() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        // Refused by a CHECK, as a row is also when the database is out of memory there.
        let report = DataDriftReport(
            deployment: fixture.deployment, driftScore: 0, driftThreshold: 1,
            periodStart: fixture.now, periodEnd: fixture.now.addingTimeInterval(-60))
        let window = MonitorWindow(end: fixture.now, figures: [("a.count", 1)], report: report)
        monitor.timeline.withLock { $0.pending.append(window) }
        #expect(await !monitor.flush())
        #expect(monitor.refusedRows == 0 && monitor.lostWindows == 0)
        #expect(monitor.timeline.withLock { $0.pending.count } == 1)
    }

    @Test func rowsThatWereStoredApartAreNotRepeated() async throws {
        let fixture = try await MonitorFixture()
        let deployment = fixture.deployment
        var window = MonitorWindow(
            end: fixture.now, figures: [("bad\0", 1), ("a.count", 2)], report: nil)
        for attempt in 0..<2 {
            window.attempts = attempt
            let tried = window
            let refused = try await fixture.workspace.write {
                try tried.storeApart(for: deployment, in: $0)
            }
            #expect(refused.map(\.row) == (attempt == 0 ? ["bad\0"] : []))
        }
        #expect(try await fixture.series("a.count") == [2])
    }

    @Test func whatIsNeverFlushedIsTold() async throws {
        let fixture = try await MonitorFixture()
        func isTold(_ use: (DeploymentMonitor) async -> Void) async -> Bool {
            let before = fixture.warnings.count
            await use(fixture.monitor())
            return fixture.warnings.count > before
        }
        #expect(await isTold { $0.record("wait_ms", 1) })
        #expect(
            await !isTold {
                $0.record("wait_ms", 1)
                await $0.flush()
            })
        #expect(await !isTold { _ in })
    }

    @Test func flushesAtTheSameTimeStoreEveryRecordOnce() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        monitor.count("requests")
                        monitor.record("wait_ms", Double(task))
                    }
                    await monitor.flush()
                }
            }
        }
        await monitor.flush()
        #expect(try await fixture.series("requests.count").reduce(0, +) == 4000)
        #expect(try await fixture.series("wait_ms.count").reduce(0, +) == 4000)
    }
}
