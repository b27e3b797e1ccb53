import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Measurements and drift reports of deployments.
    static let monitoring: [Scenario] = [
        Scenario("ModelMonitoringRepository.series is by time, both ends included") { context in
            let tree = try await context.tree()
            let start = Fixtures.date
            let times: [Double] = [40, 10, 30, 20, 10]
            try await context.workspace.monitoring.insert(
                contentsOf: times.enumerated().map {
                    Fixtures.monitoring(
                        10 + $0, of: tree.deployment.id, metric: "rps", value: $1,
                        recordedAt: start.addingTimeInterval($1))
                })
            let found = try await context.read { tx in
                (
                    some: try tx.monitoring.series(
                        of: tree.deployment.id, metric: "rps", from: start.addingTimeInterval(10),
                        to: start.addingTimeInterval(30)),
                    none: try tx.monitoring.series(
                        of: tree.deployment.id, metric: "other", from: start,
                        to: .distantFuture.addingTimeInterval(-1)),
                    inverted: try tx.monitoring.series(
                        of: tree.deployment.id, metric: "rps", from: start.addingTimeInterval(9),
                        to: start)
                )
            }
            #expect(found.some.map(\.value) == [10, 10, 20, 30])
            #expect(found.none.isEmpty && found.inverted.isEmpty)
        },
        Scenario("ModelMonitoringRepository.anomalies judges by the thresholds, NaN included") {
            context in
            let tree = try await context.tree()
            let values: [Double] = [1, 100, 100.1, .nan, .infinity, -.infinity]
            let stored = try await context.workspace.monitoring.insert(
                contentsOf: values.enumerated().map {
                    Fixtures.monitoring(10 + $0, of: tree.deployment.id, value: $1)
                })
            for row in stored {
                #expect(try await context.workspace.monitoring.find(row.id) == row)
            }
            let anomalies = try await context.read {
                try $0.monitoring.anomalies(
                    of: tree.deployment.id, from: Fixtures.date, to: Fixtures.date)
            }
            #expect(anomalies == Array(stored[2...4]))
            await expectError(.checkViolation, "thresholds the wrong way round") {
                try await context.workspace.monitoring.insert(
                    ModelMonitoring(
                        deployment: tree.deployment.id, metricName: "x", value: 1,
                        thresholdMin: 2, thresholdMax: 1))
            }
        },
        Scenario("DataDriftReportRepository.of(deployment:overlapping:) and latest") { context in
            let tree = try await context.tree()
            let day = 86_400.0
            let start = Fixtures.date.addingTimeInterval(10 * day)
            for (number, offset) in [(2, 2.0), (3, 0), (4, 1), (5, 5)] {
                let begin = start.addingTimeInterval(offset * day)
                try await context.workspace.driftReports.insert(
                    Fixtures.driftReport(number, of: tree.deployment.id, from: begin))
            }
            func numbers(_ from: Double, _ to: Double) async throws -> [Int] {
                let period =
                    start.addingTimeInterval(from * day)...start.addingTimeInterval(to * day)
                let reports = try await context.read {
                    try $0.driftReports.of(
                        deployment: tree.deployment.id, overlapping: period)
                }
                return reports.compactMap { report in
                    (1...5).first { report.id == Fixtures.id(DataDriftReport.self, $0) }
                }
            }
            #expect(try await numbers(0.5, 1.5) == [3, 4])
            #expect(try await numbers(3, 3) == [2], "a shared moment is enough")
            #expect(try await numbers(3.1, 4.9) == [])
            #expect(try await numbers(-20, 20) == [1, 3, 4, 2, 5])
            let latest = try await context.read {
                try $0.driftReports.latest(of: tree.deployment.id)
            }
            #expect(latest?.id == Fixtures.id(DataDriftReport.self, 5))
        },
        Scenario("DataDriftReportRepository refuses NaN and keeps infinities") { context in
            let tree = try await context.tree()
            for (score, threshold) in [(Double.nan, 0.1), (0.1, .nan)] {
                await expectError(.invalidValue) {
                    try await context.workspace.driftReports.insert(
                        Fixtures.driftReport(
                            9, of: tree.deployment.id, score: score, threshold: threshold))
                }
            }
            let stored = try await context.workspace.driftReports.insert(
                Fixtures.driftReport(9, of: tree.deployment.id, score: .infinity))
            #expect(stored.isDriftDetected)
            #expect(try await context.workspace.driftReports.find(stored.id) == stored)
            await expectError(.checkViolation, "an end before the start") {
                try await context.workspace.driftReports.insert(
                    Fixtures.driftReport(
                        8, of: tree.deployment.id, to: Fixtures.date.addingTimeInterval(-1)))
            }
        },
    ]
}
