import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// Which messages the raising of an alert makes.
    static let outbox: [Scenario] = [
        Scenario("AlertRepository.raise: a rule that fires makes a message in the transaction") {
            context in
            let site = try await OutboxSite(context)
            let raised = try await site.raise(at: 0)
            let delivery = try #require(raised.deliveries.first)
            #expect(raised.deliveries.count == 1 && raised.nextDeliveryAt == site.date(0))
            #expect(delivery.channelID == site.channel.id && delivery.state == .pending)
            #expect(try await context.workspace.alerts.find(raised.id) == raised)
            let inserted = try await site.at(1) { try $0.alerts.insert(Fixtures.alert(8)) }
            #expect(inserted.deliveries.map(\.event) == [.triggered])
            try? await site.at(2) { tx in
                _ = try tx.alerts.raise(Alert(alertType: .custom, title: "undone"))
                throw CancellationError()
            }
            let claims = try await site.claim(at: 3)
            #expect(claims.map(\.alert.id) == [raised.id, inserted.id])
            #expect(claims.first?.projectName == site.tree.project.name)
            #expect(claims.first?.deploymentName == site.tree.deployment.name)
            #expect(claims.first?.channel.id == site.channel.id)
            // A copy of an alert takes its messages to nobody.
            var copy = Alert(alertType: .custom, severity: .info, title: "copy")
            copy.deliveries = raised.deliveries
            let rule = try await context.read { try $0.notificationRules.named("own-rule-40") }
            try await context.workspace.notificationRules.delete(try #require(rule).id)
            let stored = try await site.at(4) { [copy] in try $0.alerts.insert(copy) }
            #expect(stored.deliveries.isEmpty && stored.nextDeliveryAt == nil)
        },
        Scenario("NotificationConditions: each condition holds back what does not match") {
            context in
            let site = try await OutboxSite(context)
            var alert = Alert(
                deployment: site.tree.deployment.id, alertType: .highLatency, severity: .high,
                title: "t",
                context: [
                    "metric": "latency_ms", "status": "failed", "labels": ["team": "fraud"],
                ])
            alert.projectID = site.tree.project.id
            let environment = site.tree.deployment.environment
            let other = try #require(
                DeploymentEnvironment.allCases.first { $0 != environment })
            let cases: [(NotificationConditions, [RuleMismatch])] = [
                (NotificationConditions(minimumSeverity: .high), []),
                (
                    NotificationConditions(minimumSeverity: .critical),
                    [.severity(minimum: .critical)]
                ),
                (NotificationConditions(alertTypes: [.highLatency, .dataDrift]), []),
                (NotificationConditions(alertTypes: [.dataDrift]), [.alertType]),
                (NotificationConditions(metrics: ["latency_ms"]), []),
                (NotificationConditions(metrics: ["errors"]), [.metric]),
                (NotificationConditions(environments: [environment]), []),
                (NotificationConditions(environments: [other]), [.environment]),
                (NotificationConditions(statuses: ["failed"]), []),
                (NotificationConditions(statuses: ["completed"]), [.status]),
                (NotificationConditions(labels: ["team": "fraud"]), []),
                (NotificationConditions(labels: ["team": "search"]), [.label("team")]),
                (NotificationConditions(labels: ["a": "b", "team": "fraud"]), [.label("a")]),
                (NotificationConditions(mutedUntil: .distantPast), []),
                (
                    NotificationConditions(mutedUntil: Fixtures.date.addingTimeInterval(1e9)),
                    [.muted(until: Fixtures.date.addingTimeInterval(1e9))]
                ),
                (
                    NotificationConditions(minimumSeverity: .critical, metrics: ["errors"]),
                    [.severity(minimum: .critical), .metric]
                ),
            ]
            let first = try await context.read { try $0.notificationRules.named("own-rule-40") }
            try await context.workspace.notificationRules.delete(try #require(first).id)
            for (index, (conditions, expected)) in cases.enumerated() {
                let rule = try await site.addRule(100 + index, conditions)
                #expect(rule.conditions == conditions)
                alert.id = Identifier()
                let (explained, raised) = try await site.at(Double(index)) { [alert] tx in
                    let explained = try tx.notificationRules.explain(alert)
                    return (explained, try tx.savepoint { try tx.alerts.raise(alert) })
                }
                #expect(explained.map(\.mismatches) == [expected], "\(conditions)")
                #expect(explained[0].fires == expected.isEmpty)
                #expect(raised.deliveries.isEmpty == !expected.isEmpty, "\(conditions)")
                #expect((explained[0].message == nil) == !expected.isEmpty)
                try await site.resolve(raised, at: Double(index))
                try await context.workspace.notificationRules.delete(rule.id)
            }
            for invalid in [
                NotificationConditions(reminderSeconds: 1),
                NotificationConditions(metrics: Set((0...100).map(String.init))),
            ] {
                await expectError(.invalidValue) { try await site.addRule(200, invalid) }
            }
        },
        Scenario("AlertRepository.raise: two rules of one channel make one message") { context in
            let site = try await OutboxSite(context, cooldown: 600)
            let quick = try await site.addRule(41, cooldown: 60)
            let raised = try await site.raise(at: 0)
            #expect(raised.deliveries.map(\.ruleID) == [quick.id])
            #expect(try await site.deliver(at: 0) == ["triggered 1"])
            _ = try await site.raise(at: 60)
            #expect(try await site.deliver(at: 60) == ["reminder 1"])
        },
        Scenario("AlertRepository.raise: the cooldown is exact, and a higher severity breaks it") {
            context in
            let site = try await OutboxSite(context, cooldown: 300)
            try await site.raise(at: 0)
            // Not told yet: it will be told by the message that waits.
            try await site.raise(at: 1)
            #expect(try await site.deliver(at: 10) == ["triggered 2"])
            for seconds in [10, 200, 309.999999] {
                try await site.raise(at: seconds)
                #expect(try await site.deliver(at: seconds) == [])
            }
            try await site.raise(at: 310)
            #expect(try await site.deliver(at: 310) == ["reminder 1"])
            try await site.raise(at: 320, .low)
            #expect(try await site.deliver(at: 320) == [])
            try await site.raise(at: 330, .critical)
            #expect(try await site.deliver(at: 330) == ["escalated 1"])
            try await site.raise(at: 340, .critical)
            #expect(try await site.deliver(at: 340) == [])
            // Another problem has a cooldown of its own.
            try await site.raise("g", at: 341)
            #expect(try await site.deliver(at: 341) == ["triggered 1"])
        },
        Scenario("AlertRepository.raise: flapping within the cooldown is one message") { context in
            let site = try await OutboxSite(context, cooldown: 300)
            var alert = try await site.raise(at: 0)
            #expect(try await site.deliver(at: 0) == ["triggered 1"])
            try await site.resolve(alert, at: 10)
            #expect(try await site.deliver(at: 10) == ["resolved 0"])
            for round in 0..<20 {
                alert = try await site.raise(at: 20 + Double(round))
                #expect(try await site.deliver(at: 20 + Double(round)) == [])
                #expect(try await site.due(alert) == 310)
                if round < 19 { try await site.resolve(alert, at: 20.5 + Double(round)) }
            }
            #expect(try await site.deliver(at: 309) == [])
            #expect(try await site.deliver(at: 310) == ["triggered 20"])
            try await site.resolve(alert, at: 311)
            #expect(try await site.deliver(at: 311) == ["resolved 0"])
            // What is over before the cooldown ends is told as over, with the count.
            for round in 0..<3 {
                alert = try await site.raise(at: 320 + Double(round))
                try await site.resolve(alert, at: 320.5 + Double(round))
            }
            #expect(try await site.deliver(at: 610) == [])
            #expect(try await site.deliver(at: 611) == ["resolved 3"])
            // Something graver does not wait.
            alert = try await site.raise(at: 620, .critical)
            #expect(try await site.deliver(at: 620) == ["triggered 1"])
        },
        Scenario("AlertRepository.resolve is told once, and only to who was told") { context in
            let site = try await OutboxSite(context)
            let told = try await site.raise(at: 0)
            #expect(try await site.deliver(at: 0) == ["triggered 1"])
            try await site.resolve(told, at: 1)
            #expect(try await site.deliver(at: 1) == ["resolved 0"])
            // A message that is given up has told nothing.
            let failed = try await site.raise("g", at: 2)
            try await site.end(try await site.claim(at: 2), at: 2, .failed, error: "no")
            try await site.resolve(failed, at: 3)
            let later = try await site.claim(at: 3)
            #expect(!later.contains { $0.alert.id == failed.id })
            // The end waits for the beginning, whatever happens to it.
            try await site.end(later, at: 3)
            let slow = try await site.raise("h", at: 4)
            let first = try await site.claim(at: 4)
            try await site.end(first, at: 4, .retry(at: site.date(100)), error: "busy")
            try await site.resolve(slow, at: 5)
            #expect(try await site.deliver(at: 99) == [])
            #expect(try await site.deliver(at: 100) == ["triggered 1"])
            #expect(try await site.deliver(at: 101) == ["resolved 0"])
            #expect(try await site.deliver(at: 1000) == [])
        },
        Scenario("AlertRepository.resolve: a rule may do without the end") { context in
            let site = try await OutboxSite(context, NotificationConditions(tellsResolution: false))
            let alert = try await site.raise(at: 0)
            #expect(try await site.deliver(at: 0) == ["triggered 1"])
            try await site.resolve(alert, at: 1)
            #expect(try await site.deliver(at: 1) == [])
        },
        Scenario("AlertRepository: acknowledged and snoozed alerts are quiet") { context in
            let site = try await OutboxSite(
                context, NotificationConditions(reminderSeconds: 60))
            let alert = try await site.raise(at: 0)
            #expect(try await site.deliver(at: 0) == ["triggered 1"])
            #expect(try await site.due(alert) == 60)
            #expect(try await site.deliver(at: 60) == ["reminder 1"])
            try await site.at(61) { try $0.alerts.snooze(alert.id, until: site.date(500)) }
            try await site.raise(at: 62)
            #expect(try await site.deliver(at: 499) == [])
            #expect(try await site.due(alert) == 500)
            #expect(try await site.deliver(at: 500) == ["reminder 1"])
            #expect(try await context.workspace.alerts.find(alert.id).snoozedUntil == nil)
            try await site.at(501) { try $0.alerts.acknowledge(alert.id) }
            #expect(try await site.due(alert) == nil)
            try await site.raise(at: 600)
            #expect(try await site.deliver(at: 600) == [])
            try await site.raise(at: 601, .critical)
            #expect(try await site.deliver(at: 601) == ["escalated 1"])
            #expect(try await site.due(alert) == 661)
            // A snooze that ends after its alert tells nothing.
            try await site.at(602) { try $0.alerts.snooze(alert.id, until: site.date(700)) }
            try await site.resolve(alert, at: 603)
            #expect(try await site.deliver(at: 603) == ["resolved 0"])
            #expect(try await site.due(alert) == nil)
        },
    ]
}
