import Foundation
import MLOpsCore
import Synchronization
import Testing

@testable import MLOpsOperations

@Suite struct MonitorDriftTests {
    private func detector(minimumRows: Int = 100) throws -> DriftDetector {
        try DriftDetector(
            profile: ReferenceProfile(of: [
                ("age", .numeric((0..<500).map { Double($0 % 50) })),
                ("country", .categorical((0..<500).map { $0 % 3 == 0 ? "SE" : "DE" })),
            ]), minimumRows: minimumRows)
    }

    private func observe(_ rows: Int, older: Double = 0, with monitor: DeploymentMonitor) {
        for row in 0..<rows {
            monitor.observe(
                ["age": Double(row % 50) + older],
                categories: ["country": row % 3 == 0 ? "SE" : "DE"])
        }
    }

    @Test func observedFeaturesBecomeAReport() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor(try detector())
        observe(300, older: 40, with: monitor)
        monitor.observe([:])
        fixture.pass(600)
        #expect(await monitor.flush())
        let report = try #require(try await fixture.reports().first)
        #expect(report.isDriftDetected && report.driftScore == 0.5)
        #expect(report.featureDrift["age"]?.isDrift == true)
        #expect(report.featureDrift["country"]?.currentCount == 300)
        #expect(report.reportData["rows"] == 301 && report.reportData["observed_rows"] == 301)
        #expect(report.reportData["nulls"]?["age"]?["current"] == 1)
        #expect(report.periodEnd == fixture.now && report.periodStart == fixture.now - 600)
        #expect(monitor.refusedRecords == 0)
    }

    @Test func aSmallWindowGoesOn() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor(try detector())
        fixture.pass(60)
        await monitor.flush()
        for _ in 0..<2 {
            observe(60, with: monitor)
            fixture.pass(60)
            await monitor.flush()
        }
        let reports = try await fixture.reports()
        #expect(reports.count == 1 && reports[0].reportData["rows"] == 120)
        // Not from the minute without rows on.
        #expect(reports[0].periodStart == fixture.now - 120)
    }

    @Test func aServiceReportsAtTheEndOfADriftWindow() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor(try detector()) { $0.driftWindow = .seconds(120) }
        let running = Task { try await monitor.run() }
        await fixture.clock.untilSomebodySleeps()
        for _ in 0..<5 {
            observe(100, with: monitor)
            fixture.pass(60)
            await fixture.clock.untilSomebodySleeps()
        }
        _ = await monitor.timeline.withLock(\.writer)?.value
        #expect(try await fixture.reports().map { $0.reportData["rows"] } == [200, 200])
        running.cancel()
        _ = await running.result
        #expect(try await fixture.reports().count == 3)
    }

    @Test func manyRowsAreSampled() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor(try detector()) { $0.maximumRows = 200 }
        observe(5000, with: monitor)
        fixture.pass(60)
        await monitor.flush()
        let report = try #require(try await fixture.reports().first)
        #expect(report.reportData["rows"] == 200 && report.reportData["observed_rows"] == 5000)
        #expect(!report.isDriftDetected)
    }

    @Test func unknownFeaturesAreToldOnce() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor(try detector())
        for _ in 0..<3 { monitor.observe(["age": 1, "height": 2], categories: ["country": "DE"]) }
        monitor.observe(["country": 1])
        await monitor.flush()
        await monitor.flush()
        #expect(
            fixture.warnings == [
                "A monitor has refused features. height: not in the reference, or of the other kind"
            ])
    }

    @Test func hostileFeaturesCostNoWindow() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor(
            try DriftDetector(
                profile: ReferenceProfile(of: [
                    ("age", .numeric((0..<500).map { $0 % 3 == 0 ? .infinity : -.infinity })),
                    ("country", .categorical((0..<500).map { _ in "DE" })),
                ])))
        let long = String(repeating: "\u{1}", count: 5000)
        for row in 0..<200 {
            monitor.observe(
                ["age": [.infinity, -.infinity, .nan, .greatestFiniteMagnitude][row % 4]],
                categories: ["country": ["a\0b", "\(row)\(long)", ""][row % 3]])
        }
        monitor.count("requests")
        fixture.pass(60)
        #expect(await monitor.flush())
        #expect(try await fixture.series("requests.count") == [1])
        let report = try #require(try await fixture.reports().first)
        #expect(report.isDriftDetected && monitor.lostWindows == 0 && monitor.refusedRows == 0)
    }

    @Test func aReportOfManyCategoriesFits() async throws {
        let fixture = try await MonitorFixture()
        let names = (0..<60).map { "feature \($0)" }
        let reference = DriftColumn.categorical((0..<512).map { "\($0 % 256)-" + "x\u{2}" })
        let monitor = fixture.monitor(
            try DriftDetector(profile: ReferenceProfile(of: names.map { ($0, reference) })))
        let categories = Dictionary(uniqueKeysWithValues: names.map { ($0, "7-x\u{2}") })
        for _ in 0..<100 { monitor.observe([:], categories: categories) }
        fixture.pass(60)
        #expect(await monitor.flush())
        let report = try #require(try await fixture.reports().first)
        #expect(report.featureDrift.count == 60 && report.driftScore == 1)
        #expect(report.featureDrift.values.allSatisfy { $0.bins == nil })
        #expect(report.reportData["bins"]?.string != nil)
    }

    @Test func aLongCategoryIsTheSameInBoth() async throws {
        let fixture = try await MonitorFixture()
        let long = String(repeating: "\u{e9}", count: 3000)
        let monitor = fixture.monitor(
            try DriftDetector(
                profile: ReferenceProfile(of: [
                    ("text", .categorical(Array(repeating: "a" + long, count: 200)))
                ])))
        for _ in 0..<100 { monitor.observe([:], categories: ["text": "a" + long]) }
        fixture.pass(60)
        await monitor.flush()
        let report = try #require(try await fixture.reports().first)
        #expect(report.featureDrift["text"]?.statistic == 0)
    }

    @Test func aClockThatGoesBackLeavesAPeriod() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor(try detector())
        observe(200, with: monitor)
        fixture.pass(60, onTheWall: -3600)
        #expect(await monitor.flush())
        let report = try #require(try await fixture.reports().first)
        #expect(report.periodEnd == fixture.now && report.periodStart == fixture.now - 60)
    }

    @Test func withoutADetectorNothingIsObserved() async throws {
        let fixture = try await MonitorFixture()
        let monitor = fixture.monitor()
        observe(200, with: monitor)
        #expect(await monitor.flush())
        #expect(try await fixture.reports().isEmpty && fixture.warnings.isEmpty)
    }
}
