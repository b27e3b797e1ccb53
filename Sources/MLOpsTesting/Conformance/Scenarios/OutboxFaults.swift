import Foundation
import MLOpsCore
import Testing

extension Conformance {
    /// What must not happen to messages: loss, repetition without end, and what others may do.
    static let outboxFaults: [Scenario] = [
        Scenario("SystemAccess.endDeliveries: two channels that fail tell of each other once") {
            context in
            let site = try await OutboxSite(context)
            let other = try await context.workspace.notificationChannels.insert(
                Fixtures.channel(41, name: "other"))
            try await site.addRule(41, to: other)
            try await site.raise(at: 0)
            var sent = 0
            for seconds in 0..<20 {
                let claims = try await site.claim(at: Double(seconds))
                sent += claims.count
                try await site.end(claims, at: Double(seconds), .failed, error: "refused")
            }
            // The alert through both, and the failure of each through the other one.
            #expect(sent == 4)
            #expect(try await site.claim(at: 1000).isEmpty)
        },
        Scenario("AlertRepository: one reminder follows another, however often it is raised") {
            context in
            let site = try await OutboxSite(
                context, cooldown: 300, NotificationConditions(reminderSeconds: 3600))
            for minutes in stride(from: 0.0, through: 60, by: 5) {
                try await site.raise(at: minutes * 60)
                try await site.deliver(at: minutes * 60)
            }
            var told = 0
            for minutes in 61...240 {
                told += try await site.deliver(at: Double(minutes) * 60).count
            }
            #expect(told == 3)
        },
        Scenario("AlertRepository: a muted rule reminds again afterwards") { context in
            let site = try await OutboxSite(context, NotificationConditions(reminderSeconds: 60))
            let alert = try await site.raise(at: 0)
            try await site.deliver(at: 0)
            var rule = try #require(
                try await context.read { try $0.notificationRules.named("own-rule-40") })
            rule.conditions.mutedUntil = site.date(100)
            try await context.workspace.notificationRules.update(rule)
            #expect(try await site.deliver(at: 60) == [])
            #expect(try await site.due(alert) == 120)
            #expect(try await site.deliver(at: 120) == ["reminder 1"])
            // So does one that failed, and an alert whose snooze is taken back.
            try await site.end(try await site.claim(at: 180), at: 180, .failed)
            #expect(try await site.deliver(at: 240).contains("reminder 1"))
            try await site.at(241) { tx in
                try tx.alerts.snooze(alert.id, until: site.date(1000))
                return try tx.alerts.snooze(alert.id, until: nil)
            }
            #expect(try await site.due(alert) != nil)
        },
        Scenario("AlertRepository: what waits for its cooldown is quiet as well") { context in
            let site = try await OutboxSite(context, cooldown: 300)
            let first = try await site.raise(at: 0)
            try await site.deliver(at: 0)
            try await site.resolve(first, at: 1)
            try await site.deliver(at: 1)
            let second = try await site.raise(at: 20)
            try await site.at(30) { try $0.alerts.snooze(second.id, until: site.date(3600)) }
            #expect(try await site.deliver(at: 301) == [])
            #expect(try await site.deliver(at: 3600) == ["triggered 1"])
        },
        Scenario("AlertRepository.resolve: an escalation that waits does not hide the end") {
            context in
            let site = try await OutboxSite(context)
            let alert = try await site.raise(at: 0)
            try await site.deliver(at: 0)
            try await site.raise(at: 1, .critical)
            let claims = try await site.claim(at: 1)
            try await site.end(claims, at: 1, .postponed(until: site.date(60)))
            try await site.resolve(alert, at: 2)
            try await site.raise(at: 3, .critical)
            #expect(try await site.deliver(at: 3).sorted() == ["resolved 0", "triggered 1"])
        },
        Scenario("NotificationRule: of two rules of a channel, each adds what it asks for") {
            context in
            let site = try await OutboxSite(context, NotificationConditions(tellsResolution: false))
            try await site.addRule(
                41, cooldown: 600, NotificationConditions(reminderSeconds: 60))
            let alert = try await site.raise(at: 0)
            #expect(try await site.deliver(at: 0) == ["triggered 1"])
            #expect(try await site.deliver(at: 60) == ["reminder 1"])
            try await site.resolve(alert, at: 61)
            #expect(try await site.deliver(at: 61) == ["resolved 0"])
        },
        Scenario("NotificationRuleRepository.explain changes nothing, and shows no other project") {
            context in
            let site = try await OutboxSite(context, cooldown: 300)
            let first = try await site.raise(at: 0)
            try await site.deliver(at: 0)
            try await site.resolve(first, at: 1)
            try await site.deliver(at: 1)
            let second = try await site.raise(at: 20)
            try await site.resolve(second, at: 21)
            let alert = Alert(
                deployment: site.tree.deployment.id, alertType: .custom, title: "t",
                fingerprint: "f")
            _ = try await site.at(30) { try $0.notificationRules.explain(alert) }
            // An insert that is refused takes nothing either.
            let stranger = try await context.openMember(50, role: .member)
            var copy = Alert(
                project: site.tree.project.id, alertType: .custom, title: "t", fingerprint: "f")
            copy.severity = .critical
            _ = try? await stranger.write { [copy] tx in
                _ = try? tx.alerts.insert(copy)
                _ = try? tx.notificationRules.explain(copy)
            }
            #expect(try await site.deliver(at: 301) == ["resolved 1"])
        },
        Scenario("SystemAccess.claimDeliveries: nobody is reminded of what nobody can handle") {
            context in
            let site = try await OutboxSite(context, NotificationConditions(reminderSeconds: 60))
            let alert = try await site.raise(at: 0)
            try await site.deliver(at: 0)
            try await context.workspace.deployments.delete(site.tree.deployment.id)
            #expect(try await site.deliver(at: 60) == [])
            #expect(try await site.deliver(at: 10_000) == [])
            _ = alert
        },
        Scenario("SystemAccess.digestDeliveries: what joins a digest under way is told by another")
        { context in
            let site = try await OutboxSite(context)
            for number in 0..<3 { try await site.raise("f\(number)", at: 0) }
            func digest(
                _ claims: [ClaimedDelivery], in digest: DeliveryDigest?, at seconds: Double
            ) async throws -> DeliveryDigest? {
                try await context.system {
                    try $0.engine.at(site.date(seconds)).digestDeliveries(
                        claims, in: digest, at: site.date(seconds + 1)
                    ).digest
                }
            }
            // One alone is a digest of itself, which it must not wait for.
            let all = try await site.claim(at: 0)
            let (alone, others) = (Array(all.prefix(1)), Array(all.dropFirst()))
            let made = try await digest(alone, in: nil, at: 0)
            let again = try await site.claim(at: 1)
            #expect(again.map(\.delivery.id) == alone.map(\.delivery.id))
            #expect(again[0].alertCount == 1)
            // Somebody sends it now: the others are a digest of their own.
            #expect(others.count == 2)
            let second = try await digest(others, in: made, at: 1)
            #expect(second?.deliveryID == others[0].delivery.id)
            try await site.end(again, at: 2)
            let told = try await site.claim(at: 3)
            #expect(told.map(\.alertCount) == [2] && told[0].others[0].event == .triggered)
        },
        Scenario("SystemAccess.digestDeliveries: a digest is sent whatever happens to its alert") {
            context in
            let site = try await OutboxSite(context)
            var alerts: [Alert] = []
            for number in 0..<3 { alerts.append(try await site.raise("f\(number)", at: 0)) }
            let claims = try await site.claim(at: 0)
            _ = try await context.system {
                try $0.engine.at(site.date(0)).digestDeliveries(
                    claims, in: nil, at: site.date(60))
            }
            let leader = claims[0].alert
            try await site.at(1) { tx in
                try tx.alerts.acknowledge(leader.id)
                return try tx.alerts.snooze(leader.id, until: site.date(3600))
            }
            let sent = try await site.claim(at: 60)
            #expect(sent.map(\.alertCount) == [3])
            try await site.end(sent, at: 60)
            for alert in alerts {
                #expect(try await site.deliveries(of: alert).map(\.state) == [.delivered])
            }
        },
        Scenario("SystemAccess.digestDeliveries: a digest whose alert is purged loses no other") {
            context in
            let site = try await OutboxSite(context)
            let leader = try await site.raise("f", at: 0)
            let member = try await site.at(0) {
                try $0.alerts.raise(Alert(alertType: .custom, title: "of no project"))
            }
            let claims = try await site.claim(at: 0).sorted { a, _ in a.alert.id == leader.id }
            _ = try await context.system {
                try $0.engine.at(site.date(0)).digestDeliveries(
                    claims, in: nil, at: site.date(1))
            }
            try await context.workspace.deployments.delete(site.tree.deployment.id)
            _ = try await context.workspace.deployments.purge(site.tree.deployment.id)
            let later = try await site.claim(at: 401 * 3600)
            #expect(later.map(\.alert.id) == [member.id])
        },
        Scenario("NotificationRule: a cooldown is at most a year") { context in
            let site = try await OutboxSite(context)
            for seconds in [NotificationRule.longestCooldown + 1, .max] {
                await expectError(.invalidValue) {
                    try await site.addRule(60, cooldown: seconds)
                }
            }
        },
        Scenario("AlertRepository.raise sees every change of a rule at once") { context in
            let site = try await OutboxSite(context)
            let rules = context.workspace.notificationRules
            func isTold(_ fingerprint: String) async throws -> Bool {
                try await !site.raise(fingerprint, at: 0).deliveries.isEmpty
            }
            #expect(try await isTold("a"))
            var rule = try #require(
                try await context.read { try $0.notificationRules.named("own-rule-40") })
            rule.isActive = false
            rule = try await rules.update(rule)
            #expect(try await !isTold("b"))
            rule.isActive = true
            rule = try await rules.update(rule)
            #expect(try await isTold("c"))
            try await rules.delete(rule.id)
            #expect(try await !isTold("d"))
            try await rules.restore(rule.id)
            #expect(try await isTold("e"))
            // What a transaction changes counts in it, and no longer when it is undone.
            try? await context.write { [id = rule.id] tx in
                var other = try tx.notificationRules.find(id)
                other.isActive = false
                try tx.notificationRules.update(other)
                let raised = try tx.alerts.raise(Alert(alertType: .custom, title: "inside"))
                #expect(raised.deliveries.isEmpty)
                throw CancellationError()
            }
            #expect(try await isTold("f"))
            var channel = site.channel
            channel.isActive = false
            _ = try await context.workspace.notificationChannels.update(channel)
            #expect(try await !isTold("g"))
        },
    ]
}
