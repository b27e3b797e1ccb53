import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Standing policies of deployments.
    static let monitoringPolicies: [Scenario] = [
        Scenario("Monitoring: n of the last m raise an alert, and good ones resolve it") {
            context in
            let site = try await MonitoringSite(context)
            let rule = WatchRule(
                severity: .high, alertType: .highLatency, failing: 2, window: 3, resolvesAfter: 2)
            try await site.setPolicy(
                MonitoringPolicy(metrics: ["latency": MetricPolicy(maximum: 100, rule: rule)]))
            // Each measurement, and how often the alert was raised then; `nil` while there is none.
            let steps: [(Double, Int?)] = [
                (50, nil), (101, nil), (100, nil), (.infinity, 1), (.nan, 2), (50, 2), (50, nil),
                (50, nil), (200, nil), (200, 1),
            ]
            for (number, (value, occurrences)) in steps.enumerated() {
                try await site.insert("latency", [value])
                let alert = try await site.alert()
                #expect(alert?.occurrences == occurrences, "step \(number)")
                guard let alert else { continue }
                #expect(alert.severity == .high && alert.alertType == .highLatency)
                #expect(alert.isAutomatic && alert.title == "latency is out of bounds")
                #expect(alert.projectID == site.tree.project.id)
                #expect(alert.context["maximum"]?.double == 100)
            }
            let resolved = try await context.workspace.alerts.all(where: {
                $0.status == .resolved && $0.alertType == .highLatency
            })
            #expect(resolved.map(\.resolvedBy) == [context.workspace.principal.userID])
            let last = try await context.read {
                try $0.monitoring.anomalies(of: site.id, from: .distantPast, to: .distantFuture)
            }
            #expect(last.filter { $0.metricName == "latency" }.count == 5)
            #expect(last.last?.thresholdMax == 100)
        },
        Scenario("Monitoring: many rows of one call are looked at once") { context in
            let site = try await MonitoringSite(context)
            try await site.setPolicy(
                MonitoringPolicy(metrics: [
                    "a": MetricPolicy(minimum: 0, rule: WatchRule(failing: 3, window: 10)),
                    "b": MetricPolicy(minimum: 0, maximum: 1),
                ]))
            try await site.insert("a", [1, 1, -1, -1])
            #expect(try await site.alert() == nil)
            // What was measured in the future, or before the policy was set, decides nothing.
            for seconds in [86_400.0, -86_400] {
                try await context.workspace.monitoring.insert(
                    ModelMonitoring(
                        deployment: site.id, metricName: "a", value: -1,
                        recordedAt: Date(timeIntervalSinceNow: seconds)))
                #expect(try await site.alert() == nil)
            }
            try await site.insert("a", Array(repeating: -1, count: 500))
            let alert = try await site.alert()
            #expect(alert?.occurrences == 1 && alert?.title == "a is out of bounds")
            try await site.insert("b", [2, 0.5])
            try await site.insert("c", [-100])
            #expect(try await site.alerts().map(\.title) == ["a is out of bounds"])
        },
        Scenario("Monitoring: who may only measure raises the alerts of the policy") { context in
            let site = try await MonitoringSite(context)
            try await site.setPolicy(MonitoringPolicy(metrics: ["x": MetricPolicy(maximum: 1)]))
            let program = try await context.program(
                81, ["model_monitoring": ["write"], "deployments": ["read"]])
            let id = site.id
            for (value, count) in [(2.0, 1), (0.5, 0)] {
                _ = try await program.write {
                    try $0.monitoring.insert(
                        ModelMonitoring(deployment: id, metricName: "x", value: value))
                }
                #expect(try await site.alerts().count == count)
            }
        },
        Scenario("Monitoring: a terminated deployment keeps its rows and raises nothing") {
            context in
            let site = try await MonitoringSite(context)
            let id = site.id
            try await site.setPolicy(
                MonitoringPolicy(
                    metrics: ["x": MetricPolicy(maximum: 1, silenceSeconds: 60)],
                    drift: WatchRule()))
            try await site.insert("x", [2])
            #expect(try await site.alerts().count == 1)
            // The policy was read in the same transaction before.
            try await context.write { tx in
                try tx.monitoring.insert(
                    ModelMonitoring(deployment: id, metricName: "x", value: 3))
                try tx.deployments.terminate(id, reason: nil)
                try tx.monitoring.insert(
                    ModelMonitoring(deployment: id, metricName: "x", value: 4))
            }
            try await site.insert("x", [5])
            try await context.workspace.driftReports.insert(
                Fixtures.driftReport(30, of: id, score: 0.9, from: Fixtures.date + 864_000))
            #expect(try await site.alerts().isEmpty)
            let rows = try await context.read {
                try $0.monitoring.series(
                    of: id, metric: "x", from: .distantPast, to: .distantFuture)
            }
            #expect(rows.map(\.value).sorted() == [2, 3, 4, 5])
            #expect(rows.filter(\.isAnomaly).map(\.value).sorted() == [2, 3])
            let silent = try await context.system { tx in
                let tx = try #require(tx as? SQLTransaction).at(Date.now.addingTimeInterval(600))
                return try tx.deployments.raiseSilences(limit: 100)
            }
            let stored = try await context.workspace.deployments.find(id)
            #expect(silent.isEmpty && stored.nextCheckAt == nil)
        },
        Scenario("Monitoring: drift reports raise and resolve an alert") { context in
            let site = try await MonitoringSite(context)
            try await site.setPolicy(
                MonitoringPolicy(
                    drift: WatchRule(severity: .low, failing: 2, window: 2, resolvesAfter: 1)))
            for (day, (score, isRaised)) in [
                (0.9, false), (0.9, true), (0.1, false), (0.9, false),
            ].enumerated() {
                let start = Fixtures.date.addingTimeInterval(Double(day + 5) * 86_400)
                try await context.workspace.driftReports.insert(
                    Fixtures.driftReport(20 + day, of: site.id, score: score, from: start))
                let alert = try await site.alert()
                #expect((alert != nil) == isRaised, "day \(day)")
                if let alert { #expect(alert.alertType == .dataDrift && alert.severity == .low) }
            }
        },
        Scenario("Monitoring: what comes late raises nothing that was resolved") { context in
            let site = try await MonitoringSite(context)
            try await site.setPolicy(
                MonitoringPolicy(
                    metrics: [
                        "x": MetricPolicy(maximum: 1, rule: WatchRule(failing: 2, window: 3))
                    ],
                    drift: WatchRule(failing: 2, window: 3)))
            let start = Date.now.roundedToMicroseconds
            func measure(_ value: Double, _ second: Double) async throws -> Int? {
                try await context.workspace.monitoring.insert(
                    ModelMonitoring(
                        deployment: site.id, metricName: "x", value: value,
                        recordedAt: start.addingTimeInterval(second)))
                let alert = try await site.alert()
                return alert?.occurrences
            }
            func drift(_ day: Double) async throws -> Int? {
                let start = Fixtures.date.addingTimeInterval(day * 86_400)
                try await context.workspace.driftReports.insert(
                    Fixtures.driftReport(20 + Int(day), of: site.id, score: 0.9, from: start))
                let alert = try await site.alert()
                return alert?.occurrences
            }
            func resolve() async throws {
                let unresolved = try await site.alert()
                guard let alert = unresolved else {
                    Issue.record("Nothing was raised.")
                    return
                }
                // After everything that was measured.
                _ = try await context.write {
                    try $0.engine.at(start.addingTimeInterval(30)).alerts.resolve(alert.id)
                }
            }
            // A late one decides with the others until somebody has resolved the alert.
            #expect(try await measure(2, 20) == nil)
            #expect(try await measure(2, 10) == 1)
            try await resolve()
            #expect(try await measure(2, 15) == nil)
            // The next one is new, and is judged with those of before.
            #expect(try await measure(2, 40) == 1)
            try await resolve()
            #expect(try await drift(8) == nil)
            #expect(try await drift(6) == 1)
            try await resolve()
            #expect(try await drift(7) == nil)
            #expect(try await drift(9) == 1)
        },
        Scenario("Monitoring: silence is told once, and ends with the next measurement") {
            context in
            let site = try await MonitoringSite(context)
            try await site.setPolicy(
                MonitoringPolicy(metrics: [
                    "never": MetricPolicy(silenceSeconds: 60),
                    "often": MetricPolicy(maximum: 1, silenceSeconds: 600),
                ]))
            try await site.insert("often", [0.5])
            func raise(after seconds: Double) async throws -> [String] {
                try await context.system { tx in
                    let later = Date.now.addingTimeInterval(seconds)
                    let tx = try #require(tx as? SQLTransaction).at(later)
                    return try tx.deployments.raiseSilences(limit: 100).map(\.title)
                }
            }
            #expect(try await raise(after: 0) == [])
            #expect(try await raise(after: 61) == ["never is silent"])
            #expect(try await raise(after: 62) == [])
            #expect(try await raise(after: 601) == ["often is silent"])
            let alerts = try await site.alerts()
            #expect(alerts.map(\.title).sorted() == ["never is silent", "often is silent"])
            #expect(alerts.allSatisfy { $0.raisedBy == nil && $0.isAutomatic })
            try await site.insert("often", [0.5])
            #expect(try await site.alerts().map(\.title) == ["never is silent"])
            // What does not serve is not expected to speak.
            _ = try await context.write { try $0.deployments.mark(site.id, as: .inactive) }
            #expect(try await raise(after: 100_000) == [])
            _ = try await context.write { try $0.deployments.mark(site.id, as: .active) }
            #expect(try await raise(after: 100_061) == ["often is silent"])
            // What nobody watches any more is resolved.
            _ = try await context.write { try $0.deployments.setMonitoringPolicy(nil, of: site.id) }
            #expect(try await site.alerts() == [])
            await expectError(.permissionDenied) {
                try await context.write { try $0.deployments.raiseSilences(limit: 1) }
            }
        },
        Scenario("Monitoring: a silence is told though another metric was measured meanwhile") {
            context in
            let site = try await MonitoringSite(context)
            try await site.setPolicy(
                MonitoringPolicy(metrics: [
                    "quick": MetricPolicy(silenceSeconds: 60),
                    "slow": MetricPolicy(silenceSeconds: 6000),
                ]))
            let (id, later) = (site.id, Date.now.addingTimeInterval(100))
            func raise() async throws -> [String] {
                try await context.system { tx in
                    try tx.engine.at(later).deployments.raiseSilences(limit: 100).map(\.title)
                }
            }
            for told in [["quick is silent"], []] {
                // No dispatcher has looked since the silence began.
                _ = try await context.write { tx in
                    try tx.engine.at(later).monitoring.insert(
                        ModelMonitoring(
                            deployment: id, metricName: "slow", value: 1, recordedAt: later))
                }
                #expect(try await raise() == told)
            }
        },
        Scenario("Monitoring: a row of the future hides nothing, and raises nothing again") {
            context in
            let site = try await MonitoringSite(context)
            try await site.setPolicy(
                MonitoringPolicy(metrics: ["x": MetricPolicy(maximum: 1)], drift: WatchRule()))
            let future = Date.now.addingTimeInterval(86_400)
            func drift(_ number: Int, _ score: Double, until end: Date) async throws {
                try await context.workspace.driftReports.insert(
                    Fixtures.driftReport(
                        number, of: site.id, score: score, from: Fixtures.date, to: end))
            }
            func measure(_ date: Date) async throws {
                try await context.workspace.monitoring.insert(
                    ModelMonitoring(
                        deployment: site.id, metricName: "x", value: 2, recordedAt: date))
            }
            func resolve() async throws -> Int {
                let alerts = try await site.alerts()
                for alert in alerts {
                    _ = try await context.write { try $0.alerts.resolve(alert.id) }
                }
                return alerts.count
            }
            try await drift(20, 0.1, until: future)
            #expect(try await resolve() == 0)
            try await drift(21, 0.9, until: Fixtures.date + 86_400)
            try await measure(.now)
            #expect(try await resolve() == 2)
            try await drift(22, 0.9, until: future)
            try await measure(future)
            #expect(try await resolve() == 0)
        },
        Scenario("Monitoring: a policy that makes no sense is refused, and no update sets one") {
            context in
            let site = try await MonitoringSite(context)
            let wrong = [
                MetricPolicy(), MetricPolicy(minimum: 2, maximum: 1), MetricPolicy(minimum: .nan),
                MetricPolicy(silenceSeconds: 0), MetricPolicy(silenceSeconds: .infinity),
                MetricPolicy(maximum: 1, rule: WatchRule(failing: 0)),
                MetricPolicy(maximum: 1, rule: WatchRule(failing: 3, window: 2)),
                MetricPolicy(maximum: 1, rule: WatchRule(window: 1001)),
                MetricPolicy(maximum: 1, rule: WatchRule(resolvesAfter: 0)),
            ]
            for policy in wrong {
                await expectError(.invalidValue) {
                    try await site.setPolicy(MonitoringPolicy(metrics: ["x": policy]))
                }
            }
            await expectError(.invalidValue) {
                try await site.setPolicy(
                    MonitoringPolicy(metrics: ["": MetricPolicy(maximum: 1)]))
            }
            let policy = MonitoringPolicy(metrics: ["cafe\u{301}": MetricPolicy(maximum: 1)])
            try await site.setPolicy(policy)
            var stored = try await context.workspace.deployments.find(site.id)
            #expect(stored.monitoringPolicy.metrics["caf\u{E9}"]?.maximum == 1)
            stored.monitoringPolicy = MonitoringPolicy()
            stored = try await context.workspace.deployments.update(stored)
            #expect(stored.monitoringPolicy.metrics.count == 1)
            _ = try await context.write { try $0.deployments.setMonitoringPolicy(nil, of: site.id) }
            let cleared = try await context.workspace.deployments.find(site.id)
            #expect(cleared.monitoringPolicy == MonitoringPolicy() && cleared.nextCheckAt == nil)
        },
    ]
}

/// A deployment that is watched.
private struct MonitoringSite: Sendable {
    let context: ConformanceContext
    let tree: FixtureTree

    init(_ context: ConformanceContext) async throws {
        self.context = context
        let tree = try await context.tree()
        self.tree = tree
        _ = try await context.write { try $0.alerts.resolve(tree.alert.id) }
    }

    var id: Identifier<Deployment> { tree.deployment.id }

    func setPolicy(_ policy: MonitoringPolicy) async throws {
        try await context.write { [id] in
            _ = try $0.deployments.setMonitoringPolicy(policy, of: id)
        }
    }

    func insert(_ metric: String, _ values: [Double]) async throws {
        try await context.workspace.monitoring.insert(
            contentsOf: values.map {
                ModelMonitoring(deployment: id, metricName: metric, value: $0)
            })
    }

    func alerts() async throws -> [Alert] { try await context.read { try $0.alerts.unresolved() } }

    func alert() async throws -> Alert? { try await alerts().first }
}
