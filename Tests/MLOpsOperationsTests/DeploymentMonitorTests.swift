import Dispatch
import Foundation
import Logging
import MLOpsCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import MLOpsOperations

@Suite struct DeploymentMonitorTests {
    @Test func aWindowBecomesRows() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        for value in 1...200 { monitor.record("wait_ms", Double(value)) }
        monitor.record("wait_ms", .nan)
        for _ in 0..<30 { monitor.count("errors") }
        monitor.count("bytes", by: 1.5)
        monitor.set("queue", 3)
        monitor.set("queue", 1)
        fixture.pass(60)
        #expect(await monitor.flush())
        let figures = [
            "wait_ms.count": 200, "wait_ms.mean": 100.5, "wait_ms.min": 1, "wait_ms.max": 200,
            "wait_ms.p50": 100, "wait_ms.p95": 190, "wait_ms.p99": 198, "wait_ms.nulls": 1,
            "errors.count": 30, "errors.rate": 0.5, "bytes.count": 1.5, "bytes.rate": 0.025,
            "queue.last": 1, "queue.min": 1, "queue.max": 3,
        ]
        #expect(try await fixture.names() == Set(figures.keys))
        for (name, value) in figures {
            #expect(try await fixture.series(name) == [value], "\(name)")
        }
        let row = try #require(
            try await fixture.workspace.monitoring.first { $0.metricName == "errors.rate" })
        #expect(row.recordedAt == fixture.now)
    }

    @Test func aKnownMetricHasRowsInEveryWindow() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        #expect(await monitor.flush())
        monitor.record("wait_ms", 5)
        monitor.record("wait_ms", .nan)
        monitor.count("errors")
        let queue = monitor.metric("queue")
        queue.add(4)
        queue.add(-1)
        fixture.pass(60)
        await monitor.flush()
        fixture.pass(60)
        await monitor.flush()
        #expect(try await fixture.series("wait_ms.count") == [1, 0])
        #expect(try await fixture.series("wait_ms.p99") == [5])
        #expect(try await fixture.series("wait_ms.nulls") == [1, 0])
        #expect(try await fixture.series("errors.count") == [1, 0])
        #expect(try await fixture.series("queue.last") == [3, 3])
        #expect(try await fixture.series("queue.max") == [4, 3])
    }

    @Test func aShortWindowDoesNotInflateRates() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        monitor.count("errors", by: 2)
        fixture.pass(0.001)
        await monitor.flush()
        #expect(try await fixture.series("errors.rate") == [2])
    }

    @Test func namesAreLimitedAndTheRestIsCountedAndToldOnce() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor { $0.maximumMetrics = 2 }
        monitor.record("a", 1)
        monitor.count("b")
        for index in 0..<500 { monitor.record("flood-\(index)", 1) }
        monitor.count("a")
        monitor.metric("late").set(1)
        #expect(monitor.refusedRecords == 502)
        fixture.pass(60)
        await monitor.flush()
        monitor.record("more", 1)
        await monitor.flush()
        #expect(monitor.refusedRecords == 503)
        #expect(
            fixture.warnings == ["A monitor has refused records. flood-0: more than 2 metrics"])
        #expect(try await fixture.names().allSatisfy { $0.hasPrefix("a.") || $0.hasPrefix("b.") })
    }

    @Test(arguments: ["", "a\0b", String(repeating: "x", count: 1020)])
    func aNameThatNoStoreTakesIsRefused(name: String) async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        monitor.record(name, 1)
        monitor.record(String(repeating: "e\u{301}", count: 300), 1)
        await monitor.flush()
        #expect(monitor.refusedRecords == 1 && fixture.warnings.count == 1)
        #expect(try await fixture.names().count == 7)
    }

    @Test func aMetricIsWhatItWasFirst() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        monitor.count("x")
        monitor.record("x", 7)
        monitor.set("x", 7)
        monitor.count("x", by: .nan)
        monitor.set("y", .nan)
        fixture.pass(60)
        await monitor.flush()
        #expect(monitor.refusedRecords == 4)
        #expect(
            fixture.warnings == ["A monitor has refused records. x: values where it is a counter"])
        #expect(try await fixture.series("x.count") == [1])
        #expect(try await fixture.names() == ["x.count", "x.rate"])
    }

    @Test func thePolicyIsEvaluated() async throws {
        let fixture = try await MonitorFixture()
        let (deployment, monitor) = (fixture.deployment, fixture.monitor())
        try await fixture.workspace.write { tx in
            _ = try tx.deployments.setMonitoringPolicy(
                MonitoringPolicy(metrics: ["wait_ms.p95": MetricPolicy(maximum: 100)]),
                of: deployment)
        }
        func open() async throws -> Int {
            try await fixture.workspace.alerts.count {
                $0.fingerprint == "bounds:wait_ms.p95:\(deployment)" && $0.status == .open
            }
        }
        for (wait, alerts) in [(500.0, 1), (20, 0)] {
            fixture.pass(60)
            for _ in 0..<10 { monitor.record("wait_ms", wait) }
            await monitor.flush()
            #expect(try await open() == alerts)
        }
    }

    @Test func aClockThatGoesBackChangesNothing() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        monitor.count("errors", by: 60)
        fixture.pass(60, onTheWall: -3600)
        #expect(await monitor.flush())
        #expect(try await fixture.series("errors.rate") == [1])
    }

    @Test func aCountIsFinite() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        for amount in [2, .infinity, -.infinity, .nan, 0x1p1023] {
            monitor.count("errors", by: amount)
        }
        monitor.count("errors", by: 0x1p1023)
        monitor.count("new", by: .infinity)
        let queue = monitor.metric("queue")
        queue.add(3)
        queue.add(.infinity)
        fixture.pass(60)
        #expect(await monitor.flush())
        #expect(monitor.refusedRecords == 6)
        #expect(try await fixture.series("errors.count") == [0x1p1023])
        #expect(try await fixture.series("queue.max") == [3])
        #expect(try await !fixture.names().contains("new.count"))
    }

    @Test func twoMonitorsOfADeploymentStoreRowsOfTheirOwn() async throws {
        let fixture = try await MonitorFixture()
        let (one, two) = (fixture.monitor(), fixture.monitor())
        one.count("errors", by: 1)
        two.count("errors", by: 2)
        fixture.pass(60)
        #expect(await one.flush())
        #expect(await two.flush())
        #expect(try await fixture.series("errors.count").sorted() == [1, 2])
    }

    // MARK: The service

    @Test func windowsEndOnTimeWhileTheStoreIsSlow() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor { $0.maximumPendingWindows = 3 }
        let running = Task { try await monitor.run() }
        await fixture.clock.untilSomebodySleeps()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let end = DispatchSemaphore(value: 0)
        let slow = Task {
            try await fixture.workspace.write { _ in
                begin.finish()
                end.wait()
            }
        }
        for await _ in begun {}
        for count in 1...5 {
            monitor.count("requests", by: Double(count))
            fixture.pass(60)
            await fixture.clock.untilSomebodySleeps()
        }
        end.signal()
        try await slow.value
        _ = await monitor.timeline.withLock(\.writer)?.value
        // The first waited for the store, and the second was the oldest behind it.
        #expect(try await fixture.series("requests.count") == [1, 4, 5])
        #expect(try await fixture.series("requests.rate") == [1, 4, 5].map { $0 / 60 })
        #expect(monitor.lostWindows == 2)
        let times = try await fixture.workspace.monitoring.all(where: {
            $0.metricName == "requests.count"
        }).map(\.recordedAt).sorted()
        #expect(times == [240, 60, 0].map { fixture.now - $0 })
        running.cancel()
        _ = await running.result
    }

    @Test func aLateWindowLeavesTheNextOnesInPlace() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        let running = Task { try await monitor.run() }
        // The third wakes 5 s late, the fifth after the machine has slept for minutes.
        for (seconds, due) in [(60.0, 120), (60, 180), (65, 240), (55, 300), (600, 900)] {
            await fixture.clock.untilSomebodySleeps()
            monitor.count("requests", by: seconds)
            fixture.pass(seconds)
            await fixture.clock.untilSomebodySleeps()
            #expect(monitor.timeline.withLock(\.due) == .seconds(due))
        }
        running.cancel()
        _ = await running.result
        #expect(try await fixture.series("requests.rate").prefix(5) == [1, 1, 1, 1, 1])
    }

    @Test func aTerminatedDeploymentIsRecordedAndNotWatched() async throws {
        let fixture = try await MonitorFixture()
        let (deployment, monitor) = (fixture.deployment, fixture.monitor())
        try await fixture.workspace.write { tx in
            _ = try tx.deployments.setMonitoringPolicy(
                MonitoringPolicy(metrics: ["wait_ms.p95": MetricPolicy(maximum: 100)]),
                of: deployment)
            try tx.deployments.terminate(deployment)
        }
        monitor.record("wait_ms", 500)
        fixture.pass(60)
        #expect(await monitor.flush())
        #expect(try await fixture.series("wait_ms.p95") == [500])
        #expect(
            try await fixture.workspace.alerts.count {
                $0.fingerprint == "bounds:wait_ms.p95:\(deployment)"
            } == 0)
    }

    @Test func aServiceStoresEachWindowAndTheLast() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: monitor)], logger: Logger(label: "test")))
        let running = Task { try await group.run() }
        for count in 1...3 {
            await fixture.clock.untilSomebodySleeps()
            monitor.count("requests", by: Double(count))
            fixture.pass(60)
        }
        await fixture.clock.untilSomebodySleeps()
        _ = await monitor.timeline.withLock(\.writer)?.value
        #expect(try await fixture.series("requests.count") == [1, 2, 3])
        monitor.count("requests", by: 4)
        fixture.pass(10)
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(try await fixture.series("requests.count") == [1, 2, 3, 4])
        #expect(try await fixture.series("requests.rate").last == 0.4)
    }

    @Test func aCancelledServiceStoresTheLastWindow() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        let running = Task { try await monitor.run() }
        await fixture.clock.untilSomebodySleeps()
        monitor.count("requests")
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(try await fixture.series("requests.count") == [1])
    }
}
